import InterlockCommandLine
import InterlockEvals
import InterlockModel

extension EvalInput {
    /// The names that a result states of the agent's models and instruction files.
    ///
    /// - Parameter manifest: as for `fingerprint`.
    /// - Throws: exit 65 if the list cannot be read, or is longer than a result may be.
    func names(of agent: AgentName, manifest: String?) throws(Failure) -> FingerprintNames {
        guard let files = try files(of: agent, manifest: manifest) else { return .empty }
        let names = FingerprintNames(files.manifest)
        guard names.isBounded else {
            throw Failure(
                .data,
                "the fingerprint of `\(agent)` names too many models or instruction files for a result",
                help: "name at most 64 models and 256 files, of 512 bytes each and 32 KiB together")
        }
        return names
    }
}
