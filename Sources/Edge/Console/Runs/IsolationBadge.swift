import InterlockMarkup
import InterlockPolicy
import InterlockSandboxes

/// The isolation of a run, with a mark unless all of it is on. A run whose isolation is weaker than full, or is not
/// known, never looks good.
struct IsolationBadge {
    /// The setup that the run's supervisor stated, or nil if none is known.
    let setup: SandboxStatus.Setup?

    private enum Level { case full, limitsMissing, reduced, absent, unknown }

    private var level: Level {
        // Unwrapped first: `none` of an optional would be the one that is not known.
        guard let setup, let isolation = setup.isolation else { return .unknown }
        return switch isolation {
        case .full: setup.degraded.isEmpty ? .full : .limitsMissing
        case .reduced: .reduced
        case .none: .absent
        }
    }

    /// The weakness in words that follow a state, such as "reduced isolation"; nil if the isolation is full.
    var weakness: String? {
        switch level {
        case .full: nil
        case .limitsMissing: "limits not kept"
        case .reduced: "reduced isolation"
        case .absent: "no isolation"
        case .unknown: "isolation unknown"
        }
    }

    /// The look of the status of an open run with this isolation; nil if the isolation takes nothing from it.
    var status: StatusBadge.Kind? {
        switch level {
        case .full: nil
        case .limitsMissing, .reduced, .absent: .attention
        case .unknown: .unknown
        }
    }

    /// The level, marked unless it is full.
    @HTMLBuilder var html: [HTML] {
        switch level {
        case .full: "full"
        case .limitsMissing: badge("full, limits not kept", .warning)
        case .reduced: badge("reduced", .warning)
        case .absent: badge("none", .warning)
        case .unknown: badge("unknown", .unknown)
        }
    }
}
