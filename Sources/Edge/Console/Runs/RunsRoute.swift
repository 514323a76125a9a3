import InterlockModel

/// Addresses of runs.
enum RunsRoute: Equatable {
    case list
    case run(RunID)
    /// A form: decides again, or tells again, what happened.
    case replay(RunID)
    /// The evidence as a file.
    case bundle(RunID)

    /// - Parameter parts: of the path.
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
        default: return nil
        }
    }

    var isDeed: Bool { if case .replay = self { true } else { false } }

    /// Whether it is a download.
    var isFile: Bool { if case .bundle = self { true } else { false } }

    /// As `Route.link`.
    var link: Link? {
        switch self {
        case .list: Link("runs")
        case .run(let run): Link("runs", run.text)
        case .replay, .bundle: nil
        }
    }
}
