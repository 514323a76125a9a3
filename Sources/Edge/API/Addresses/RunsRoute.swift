import InterlockMarkup
package import InterlockModel

/// The addresses of runs.
package enum RunsRoute: Equatable {
    case list
    case run(RunID)
    /// A form that replays a run: evaluates its decisions again, or lists its records again.
    case replay(RunID)
    /// The evidence as a file.
    case bundle(RunID)
    /// The changes of a sandboxed run.
    case changes(RunID)

    /// - Parameter parts: the components of the path.
    init?(_ parts: [String]) {
        guard parts.first == "runs", parts.count <= 3 else { return nil }
        guard parts.count > 1 else {
            self = .list
            return
        }
        guard let run = RunID(parts[1]) else { return nil }
        switch parts.count == 3 ? parts[2] : nil {
        case nil: self = .run(run)
        case "replay": self = .replay(run)
        case "bundle": self = .bundle(run)
        case "changes": self = .changes(run)
        default: return nil
        }
    }

    var isDeed: Bool { if case .replay = self { true } else { false } }

    /// True if the route is a download.
    var isFile: Bool { if case .bundle = self { true } else { false } }

    /// The link to the page, as in `Route.link`.
    var link: Link? {
        switch self {
        case .list: Link("runs")
        case .run(let run): Link("runs", run.text)
        case .changes(let run): Link("runs", run.text, "changes")
        case .replay, .bundle: nil
        }
    }
}
