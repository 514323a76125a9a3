package import InterlockJSON
package import InterlockModel

/// The files that a sandboxed run starts with, as its record `run.start` lists them in the payload `setup`.
package struct RunFileLists: Sendable, Hashable {
    private let program: JSONValue
    private let prompt: JSONValue
    private let skills: JSONValue
    private let settings: JSONValue

    /// The version of the form whose digest supervisors state. Lists of another form have another digest.
    private static let version: Int64 = 2

    /// - Parameters:
    ///   - setup: the opened payload.
    ///   - fingerprint: the digest in the record.
    /// - Returns: nil if the lists are not the files of that digest: a supervisor cuts long lists, and a cut one does
    ///   not show what changed.
    package init?(setup: JSONValue, fingerprint: Digest, hashing: any Hashing) {
        guard let files = setup["files"], let program = files["program"],
            let prompt = files["prompt"], let skills = files["skills"],
            let settings = files["settings"], var listed = files.object
        else { return nil }
        listed["v"] = .integer(Self.version)
        guard let bytes = try? JSONValue.object(listed).canonical(),
            hashing.sha256(bytes) == fingerprint
        else { return nil }
        self.program = program
        self.prompt = prompt
        self.skills = skills
        self.settings = settings
    }

    /// The change from these files to others: of skills alone, of prompts alone, or of files in general.
    package func change(to other: RunFileLists) -> FingerprintChange {
        guard program == other.program, settings == other.settings else { return .files }
        if prompt == other.prompt { return .skills }
        return skills == other.skills ? .prompt : .files
    }
}
