import InterlockCommandLine
import InterlockEvidencePack
import InterlockJSON
import InterlockModel

/// The options of `evidence build`.
struct EvidenceRequest {
    enum View {
        case fourColumns
        case questionnaire(Questionnaire)
    }

    let from: Timestamp
    let to: Timestamp
    /// Empty for all agents.
    let agents: [AgentName]
    let frameworks: [FrameworkMap]
    /// The most samples of a control.
    let samples: Int
    let seed: Digest?
    /// The size of the checkpoint; nil for the published one.
    let size: UInt64?
    let isPartial: Bool
    let hasNames: Bool
    let view: View?
    let folder: String
    let archive: String?

    private static let samplesByDefault = 5
    private static let mostSamples = 1000

    init(_ invocation: Invocation) throws(Failure) {
        from = try Self.time(invocation, "from")
        to = try Self.time(invocation, "to")
        guard from < to else { throw Failure(.usage, "`--to` is not after `--from`") }
        agents = try Set(
            invocation.all("agent").map { text throws(Failure) in
                try Invocation.agentName(text)
            }
        ).sorted { $0.text < $1.text }
        frameworks = try Self.frameworks(invocation.all("framework"))
        samples =
            try invocation.number("samples", in: 1...Self.mostSamples) ?? Self.samplesByDefault
        seed = try invocation["seed"].map { text throws(Failure) in
            try Invocation.parsed(text, "no seed of 64 digits of hex", .usage) {
                Digest(hex: $0)
            }
        }
        size = try Self.size(invocation)
        isPartial = invocation.has("partial")
        hasNames = !invocation.has("pseudonyms")
        view = try Self.view(invocation["view"])
        folder = try Self.folder(invocation)
        archive = invocation["tar"]
    }

    private static func time(
        _ invocation: Invocation, _ option: String
    ) throws(Failure) -> Timestamp {
        let text = try invocation.require(option)
        if let day = CivilDate(text) { return day.start }
        guard let time = Timestamp(rfc3339: text), time == time.wholeSecond,
            time.microseconds >= 0
        else {
            throw Failure(
                .usage, "`--\(option) \(text)` is no day and no time in whole seconds",
                help: "2026-08-01 or 2026-08-01T00:00:00Z")
        }
        return time
    }

    /// The path without slashes at its end, so that the folder of an unfinished pack lies in the same folder.
    private static func folder(_ invocation: Invocation) throws(Failure) -> String {
        var path = try invocation.require("o")
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard path != "/", !path.isEmpty else { throw Failure(.usage, "`-o` names no new folder") }
        return path
    }

    private static func frameworks(_ names: [String]) throws(Failure) -> [FrameworkMap] {
        guard !names.isEmpty else { return FrameworkMap.all }
        for name in names where !FrameworkMap.all.contains(where: { sameBytes($0.id, name) }) {
            throw Failure(
                .usage, "unknown framework `\(TerminalEscaping.shown(name))`",
                help: "frameworks: " + FrameworkMap.all.map(\.id).joined(separator: ", "))
        }
        return FrameworkMap.all.filter { map in names.contains { sameBytes($0, map.id) } }
    }

    private static func size(_ invocation: Invocation) throws(Failure) -> UInt64? {
        guard let text = invocation["size"] else { return nil }
        guard let size = UInt64(text), text == String(size), size > 0 else {
            throw Failure(.usage, "`--size \(text)` is no size of a log")
        }
        return size
    }

    private static func view(_ text: String?) throws(Failure) -> View? {
        guard let text else { return nil }
        if text == "four-column" { return .fourColumns }
        let beginning = "questionnaire:"
        guard text.hasPrefix(beginning) else {
            throw Failure(
                .usage, "unknown view `\(TerminalEscaping.shown(text))`",
                help: "four-column, or questionnaire:FILE with a CSV of a column `control`")
        }
        let path = String(text.dropFirst(beginning.count))
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(path, limit: Questionnaire.maximumBytes)
        } catch { throw Failure(error.isMissing ? .notFound : .data, error.message) }
        do throws(Questionnaire.Fault) {
            return .questionnaire(try Questionnaire(parsing: bytes))
        } catch { throw Failure(.data, "`\(path)` is no questionnaire: \(error)") }
    }
}
