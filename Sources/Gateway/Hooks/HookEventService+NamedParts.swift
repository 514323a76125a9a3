import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger

/// The model and the instruction files that a host names, by which the change gate judges the run from then on
/// (docs/specs/evals.md, section 5).
extension HookEventService {
    /// Must be called before the event is answered, and before a call that it is about is decided.
    func show(_ event: HookEvent, of hook: AdmittedHook) {
        for part in event.namedParts {
            gateway.ports.evals.show(part, of: hook.run.run, hook.run.agent)
        }
    }
}

extension HookEvent {
    /// The exact id of the model that the event names; nil if it names none. Events of a switch name it `to_model`; a
    /// switch that is about to happen counts as one, since no event says that it did not.
    var namedModel: String? {
        let keys = kind == .modelSwitch ? ["to_model", "new_model", "model"] : ["model"]
        return keys.lazy.compactMap { details[$0]?.string }.first { !$0.isEmpty }
    }

    var namedParts: [NamedPart] {
        let folder = workingDirectory.map { ExactText($0) }
        switch kind {
        case .modelSwitch: return [.model(namedModel.map { ExactText($0) })]
        // Some hosts name the model in each event. The models of subagents are not those of the run.
        case .sessionStart, .prompt, .preTool:
            guard agent == nil else { return [] }
            var parts: [NamedPart] = []
            // A host may have changed its folder before it reads its first file.
            if kind == .sessionStart, let folder { parts.append(.folder(folder)) }
            if let model = namedModel {
                parts.append(.model(ExactText(model)))
            } else if hasUnreadableModel {
                parts.append(.model(nil))
            }
            return parts
        case .instructions:
            let reason = details["load_reason"]?.string ?? ""
            return [
                .instructions(
                    details["file_path"]?.string.map { ExactText($0) }, in: folder,
                    isAtStart: ExactText(reason) == "session_start")
            ]
        case .postTool, .postToolFailure, .sessionEnd, .subagentStart, .subagentStop,
            .configChange, .directory, .permission, .other:
            return []
        }
    }

    /// True if the event has a model that is no text.
    private var hasUnreadableModel: Bool {
        guard let model = details["model"] else { return false }
        return model != .null && model.string == nil
    }
}
