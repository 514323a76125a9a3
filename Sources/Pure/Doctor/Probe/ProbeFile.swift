/// The canary files of a probe: for each way on which a file reaches the model, one that is hidden and one that is not. The
/// second is the control, without which a way that leads nowhere would look guarded.
package enum ProbeFile: String, Sendable, Hashable, CaseIterable {
    case hiddenRead = "read/.env"
    case plainRead = "read/notes.txt"
    case hiddenMention = "mention/.env"
    case plainMention = "mention/notes.txt"
    case hiddenImport = "import/.env"
    case plainImport = "import/notes.txt"

    /// The path relative to the folder of the project.
    package var path: String { rawValue }
}

/// The calls that the scripted model makes, in their order. The command comes last, because the host may end its turn to
/// wait for people.
package enum ProbeCall: String, Sendable, Hashable, CaseIterable {
    case plainRead = "toolu_probe_plain"
    case hiddenRead = "toolu_probe_hidden"
    case command = "toolu_probe_command"

    /// The id of the call on the wire.
    package var id: String { rawValue }
}
