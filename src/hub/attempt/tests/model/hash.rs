//! Hash maps of values with many small fields.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<SmallFields>>;
pub(super) type Set<K> = HashSet<K, BuildHasherDefault<SmallFields>>;

/// A fast hash of many small fields: without optimisation, the standard one takes most of the time.
#[derive(Default)]
pub(super) struct SmallFields(u64);

impl SmallFields {
    fn add(&mut self, field: u64) {
        self.0 = (self.0.rotate_left(5) ^ field).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for SmallFields {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.add(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, field: u8) {
        self.add(u64::from(field));
    }

    fn write_u16(&mut self, field: u16) {
        self.add(u64::from(field));
    }

    fn write_isize(&mut self, field: isize) {
        self.add(field.cast_unsigned() as u64);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}
