import InterlockCommandLine
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
    /// Further values that are looked for, with the names of their secrets.
    package let further: [(name: String, value: [UInt8])]
    /// Reads the objects of the project's repositories, or nil if their history is not searched.
    private let history: (any ObjectReader)?

    package init(
        _ project: String, hidden: HiddenNames, waivers: [ScanWaiver], deployment: Deployment?,
        further: [(name: String, value: [UInt8])] = [], history: (any ObjectReader)? = nil
    ) {
        (self.project, self.hidden) = (project, hidden)
        (self.waivers, self.deployment, self.further) = (waivers, deployment, further)
        self.history = history
    }

    package func run(at now: Timestamp) throws(ProjectSearch.Failure) -> SecretReport {
        let hashing = OpenSSLHashing()
        let rules: RuleSet
        let scanner: SecretScanner
        let secrets: BrokerSecrets
        do throws(ScanFailure) {
            rules = try .builtIn(for: .files, hashing: hashing)
            secrets = try BrokerSecrets(in: deployment?.secrets, and: further, at: now)
            scanner = SecretScanner(
                rules, values: secrets.values, revision: secrets.revision, hashing: hashing)
        } catch { throw .scanner(error) }
        let hashes = deployment.map { HashCacheFile($0, project: project) }
        let clean = cache(.clean)
        let search = try ProjectSearch(
            of: project, hidden: hidden, scanner: scanner, hashing: hashing,
            hashes: hashes?.read() ?? HashCache(hashing: hashing),
            clean: clean?.read() ?? HashCache(hashing: hashing))
        hashes?.write(search.hashes)
        clean?.write(search.clean)
        let live = waivers.filter { $0.isLive(at: now) }
        return SecretReport(
            search, history: try searchHistory(of: search, scanner, isWaived: !live.isEmpty),
            rules: rules, waivers: live, unregistered: secrets.unregistered)
    }

    /// The state of the folder alone tells which values a content was found to be without. Keeping more on disk would
    /// keep a verifier of a value.
    ///
    /// - Returns: nil if nothing is remembered.
    private func cache(_ kind: HashCacheFile.Kind) -> HashCacheFile? {
        guard further.isEmpty else { return nil }
        return deployment.map { HashCacheFile($0, project: project, kind) }
    }

    private func searchHistory(
        of search: ProjectSearch, _ scanner: SecretScanner, isWaived: Bool
    ) throws(ProjectSearch.Failure) -> HistorySearch? {
        guard let history else { return nil }
        let file = cache(.history)
        var clean =
            file?.readObjects(of: scanner.digest)
            ?? CleanObjects(scanner: scanner.digest, hashing: OpenSSLHashing())
        let progress = Progress("bytes of history searched")
        defer {
            progress.end()
            file?.write(clean)
        }
        do throws(ScanFailure) {
            return try HistorySearch(
                of: search.base, history, scanner, hashing: OpenSSLHashing(), clean: &clean,
                needsDigests: isWaived || !search.found.isEmpty,
                progress: { progress.add(UInt64($0)) })
        } catch { throw .scanner(error) }
    }
}
