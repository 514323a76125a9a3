import InterlockHooks
import InterlockHostSettings
import InterlockJSON

/// The host itself, against a scripted model: a guarded call must be stopped by Interlock's own refusal, and a hidden file
/// must not reach the model on a way on which another one does.
enum ProbeChecks {
    static func all(_ facts: DoctorFacts) -> [DoctorCheck] {
        switch facts.probe {
        case .notAsked: return dropIn(facts)
        case .ahead: return []
        case .notTested(let reason):
            return [DoctorCheck(.probe, nil, .guidance, "not tested: \(reason)")]
        case .impossible(let reason):
            return [DoctorCheck(.probe, nil, .unknown, "cannot be made: \(reason)")]
        case .ran(let sessions):
            return sessions.flatMap { session in
                Attempt.allCases.map { attempt in
                    let found = verdict(on: attempt, session)
                    let place = session.isRewritten ? ", with settings rewritten" : ""
                    return DoctorCheck(
                        .probe, attempt.rawValue + place, found.verdict, found.cause,
                        help: found.verdict == .failed ? facts.installHelp : nil)
                }
            }
        }
    }

    /// A drop-in holds only together with files of others, of which one bad hook drops them all.
    private static func dropIn(_ facts: DoctorFacts) -> [DoctorCheck] {
        guard let path = facts.host.dropInPath,
            facts.managed.contains(where: { sameBytes($0.path, path) && !$0.isAbsent })
        else { return [] }
        return [
            DoctorCheck(
                .probe, path, .unknown,
                "settings of a drop-in must be tested with the host itself",
                help: "interlock doctor --host \(facts.host.rawValue) --probe")
        ]
    }

    private enum Attempt: String, CaseIterable {
        case call = "a guarded call"
        case read = "a hidden file"
        case mention = "an @-mention"
        case imported = "an import"
    }

    private typealias Finding = (verdict: DoctorVerdict, cause: String)

    private static func verdict(on attempt: Attempt, _ session: ProbeSession) -> Finding {
        guard session.transcript.requests > 0 else {
            return (.unknown, "the host asked the model nothing: \(reason(session.end))")
        }
        switch attempt {
        case .call: return call(session)
        case .read: return read(session.transcript)
        case .mention:
            return sent(
                session.transcript, .hiddenMention, control: .plainMention, "a mentioned file")
        case .imported:
            return sent(
                session.transcript, .hiddenImport, control: .plainImport, "an imported file")
        }
    }

    /// The beginning of each refusal of the adapter.
    private static let refusal = "interlock: denied ("

    private static func call(_ session: ProbeSession) -> Finding {
        if session.hasMarker {
            return (.failed, "a command that no policy allows without people ran")
        }
        if let result = session.transcript.results[.command] {
            if result.text.contains(refusal) {
                return (.enforced(at: .hook), "did not run: Interlock refused it")
            }
            return (
                .failed,
                "did not run, but Interlock did not stop it; the host answered: \(short(result.text))"
            )
        }
        if isDeferred(session.end) {
            return (.enforced(at: .hook), "did not run: it waits for people")
        }
        return (.unknown, "the host made no such call: \(reason(session.end))")
    }

    private static func read(_ transcript: ProbeTranscript) -> Finding {
        if transcript.files.contains(.hiddenRead) {
            return (.failed, "the model got the content of a hidden file")
        }
        guard let hidden = transcript.results[.hiddenRead],
            let plain = transcript.results[.plainRead]
        else { return (.unknown, "the host made no such call") }
        if hidden.text.contains(refusal) {
            return (.enforced(at: .hook), "was not read: Interlock refused it")
        }
        if transcript.files.contains(.plainRead) {
            return (.enforced(at: .managedSettings), "was not read, and another file was")
        }
        if plain.text.contains(refusal) {
            return (
                .enforced(at: .hook), "was not read, and Interlock refused another file, too"
            )
        }
        return (.unknown, "no file was read, so that nothing is known of a hidden one")
    }

    private static func sent(
        _ transcript: ProbeTranscript, _ hidden: ProbeFile, control: ProbeFile, _ what: String
    ) -> Finding {
        if transcript.files.contains(hidden) {
            return (.failed, "the model got the content of a hidden file")
        }
        guard transcript.files.contains(control) else {
            return (.unknown, "\(what) that is not hidden did not reach the model either")
        }
        return (
            .enforced(at: .managedSettings), "did not reach the model, and another file did"
        )
    }

    /// Only a hook makes a headless host end its turn before a tool.
    private static func isDeferred(_ end: ProgramFacts) -> Bool {
        guard case .ended(_, let output, _) = end,
            let root = try? FileFacts.object(output)
        else { return false }
        return root["terminal_reason"] == "tool_deferred" || root["stop_reason"] == "tool_deferred"
    }

    private static func reason(_ end: ProgramFacts) -> String {
        switch end {
        case .absent: return "there is no such program"
        case .failed(let reason): return reason
        case .ended(let code, let output, let errors):
            let said = String(decoding: errors.isEmpty ? output : errors, as: UTF8.self)
            return said.isEmpty ? "it ended with \(code)" : "it ended with \(code): \(short(said))"
        }
    }

    /// The longest quotation of a host's text, in bytes.
    private static let quotedBytes = 300

    private static func short(_ text: String) -> String {
        let line = text.utf8.prefix(quotedBytes).map { $0 == 0x0a ? 0x20 : $0 }
        return String(decoding: line, as: UTF8.self)
    }
}
