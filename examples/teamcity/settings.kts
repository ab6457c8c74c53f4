// TeamCity: publishes from the default branch, and validates pull requests.
//
// Copy to .teamcity/settings.kts. Store the account key (https://app.aerostack.dev/account/keys) as the parameter
// env.AEROSTACK_API_KEY of the type "Password", on "Publish to the Hub" only and not on the project, because builds of
// pull requests run their authors' code. To build pull requests, add a line such as `+:refs/(pull/*)/head` to the branch
// specification of the VCS root; the parentheses make the branch name `pull/7`. Requires agents with Docker.
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
        // TeamCity has no variables for tags and the default branch, so `publish: auto` does not work here.
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
    name = "Validate the function"

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
