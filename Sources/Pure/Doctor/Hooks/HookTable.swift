import InterlockHooks
import InterlockJSON

/// The hooks of one settings file, as its host reads them, with what the host would not accept.
struct HookTable: Sendable {
    struct Entry: Sendable {
        let event: String
        /// Is nil if the host has no matchers, or the entry has none.
        let matcher: JSONValue?
        let handler: JSONObject

        /// The words that the host starts, as far as they are texts.
        var command: String? {
            if let command = handler["command"]?.string { return command }
            guard let program = handler["exec"]?.string else { return nil }
            return ([program] + (handler["args"]?.array ?? []).compactMap(\.string))
                .joined(separator: " ")
        }
    }

    let entries: [Entry]
    /// One sentence each, without a full stop.
    let problems: [String]

    /// - Parameter root: the object of a whole settings file. A file without `hooks` has no entries.
    init(_ root: JSONObject, of host: HookHost) {
        var reading = Reading(isNested: host.nestsHandlers)
        if let hooks = root["hooks"] { reading.read(hooks) }
        entries = reading.entries
        problems = reading.problems
    }

    private struct Reading {
        let isNested: Bool
        var entries: [Entry] = []
        var problems: [String] = []

        mutating func read(_ hooks: JSONValue) {
            guard let events = hooks.object else {
                problems.append("`hooks` is not an object")
                return
            }
            for (event, value) in events.members {
                guard let items = value.array else {
                    problems.append("`hooks.\(event)` is not an array")
                    continue
                }
                for item in items { read(item, of: event) }
            }
        }

        private mutating func read(_ item: JSONValue, of event: String) {
            guard let object = item.object else {
                problems.append("`hooks.\(event)` has an entry that is not an object")
                return
            }
            guard isNested else {
                entries.append(Entry(event: event, matcher: object["matcher"], handler: object))
                return
            }
            guard let handlers = object["hooks"]?.array else {
                problems.append("`hooks.\(event)` has an entry without an array `hooks`")
                return
            }
            for handler in handlers {
                guard let handler = handler.object else {
                    problems.append("`hooks.\(event)` has a hook that is not an object")
                    continue
                }
                entries.append(Entry(event: event, matcher: object["matcher"], handler: handler))
            }
        }
    }
}

extension HookHost {
    /// True if the entries of an event are groups, each with a matcher and an array of hooks.
    var nestsHandlers: Bool {
        switch self {
        case .claudeCode, .codex, .geminiCLI: true
        case .cursor, .copilot: false
        }
    }
}
