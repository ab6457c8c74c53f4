// TeamCity: publishes from the default branch, and checks pull requests.
//
// Copy to .teamcity/settings.kts. Store the account key (https://app.aerostack.dev/account/keys) as the parameter
// env.AEROSTACK_API_KEY of the type "Password", on "Publish to the Hub" alone and not on the project: builds of pull
// requests run their authors' code. For those, the branch specification of the VCS root needs a line such as
// `+:refs/(pull/*)/head`, whose brackets make the branch `pull/7`. Runs on agents with Docker.
import jetbrains.buildServer.configs.kotlin.*
import jetbrains.buildServer.configs.kotlin.buildSteps.script
import jetbrains.buildServer.configs.kotlin.triggers.vcs

version = "2025.07"

project {
    buildType(Publish)
    buildType(Check)
}

object Publish : BuildType({
    name = "Publish to the Hub"
    type = Type.DEPLOYMENT
    maxRunningBuilds = 1
    artifactRules = "aerostack-report.json"

    params {
        param("env.AEROSTACK_REPORT", "aerostack-report.json")
        // TeamCity has no variable that tells a tag or the default branch: `publish: auto` does not work here.
        param("env.AEROSTACK_PUBLISH", "true")
    }
    vcs { root(DslContext.settingsRoot) }
    steps {
        script {
            scriptContent = "aerostack-publish"
            dockerImage = "ghcr.io/aerostackdev/aerostack-publish:1.0.0"
        }
    }
    triggers {
        vcs { branchFilter = "+:<default>" }
    }
})

object Check : BuildType({
    name = "Check the function"

    params {
        param("env.AEROSTACK_DRY_RUN", "true")
    }
    vcs { root(DslContext.settingsRoot) }
    steps {
        script {
            scriptContent = "aerostack-publish"
            dockerImage = "ghcr.io/aerostackdev/aerostack-publish:1.0.0"
        }
    }
    triggers {
        vcs { branchFilter = "+:pull/*" }
    }
})
