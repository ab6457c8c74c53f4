//! The stand-in Hub over real HTTP.

#[cfg(test)]
mod client;
#[cfg(test)]
mod connection_faults;
#[cfg(test)]
mod fault_rules;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod http2;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod lag;
#[cfg(test)]
mod list;
#[cfg(test)]
mod program;
#[cfg(test)]
mod publishing;
#[cfg(test)]
mod rate_limit;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod review;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod tls;
