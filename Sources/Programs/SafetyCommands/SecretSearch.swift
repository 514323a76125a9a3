import InterlockCredentials
package import InterlockDeployment
package import InterlockModel
package import InterlockPolicy
import InterlockSafety
import InterlockScanning
package import InterlockWorkspace
package import InterlockWorkspaceFiles

/// The search for secrets in a project, as an agent would see it (docs/specs/coding-agents.md, section 11).
package struct SecretSearch {
    /// The absolute path of the project, without links.
    package let project: String
    package let hidden: HiddenNames
    package let waivers: [ScanWaiver]
    /// The deployment whose secrets are looked for and whose state has the caches, or nil.
    package let deployment: Deployment?

    package init(
        _ project: String, hidden: HiddenNames, waivers: [ScanWaiver], deployment: Deployment?
    ) {
        (self.project, self.hidden) = (project, hidden)
        (self.waivers, self.deployment) = (waivers, deployment)
    }

    package func run(at now: Timestamp) throws(ProjectSearch.Failure) -> SecretReport {
        let hashing = OpenSSLHashing()
        let rules: RuleSet
        let scanner: SecretScanner
        let secrets: BrokerSecrets
        do throws(ScanFailure) {
            rules = try .builtIn(hashing: hashing)
            secrets = try BrokerSecrets(of: deployment)
            scanner = SecretScanner(
                rules, values: secrets.values, revision: secrets.revision, hashing: hashing)
        } catch { throw .scanner(error) }
        let hashes = deployment.map { HashCacheFile($0, project: project) }
        let clean = deployment.map { HashCacheFile($0, project: project, .clean) }
        let search = try ProjectSearch(
            of: project, hidden: hidden, scanner: scanner, hashing: hashing,
            hashes: hashes?.read() ?? HashCache(hashing: hashing),
            clean: clean?.read() ?? HashCache(hashing: hashing))
        hashes?.write(search.hashes)
        clean?.write(search.clean)
        return SecretReport(
            search, rules: rules, waivers: waivers.filter { $0.isLive(at: now) },
            unregistered: secrets.unregistered)
    }
}
