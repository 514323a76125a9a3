import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPolicyReview

/// An agent's permissions, their enforcement and its last hour, each as one figure that leads to the card below.
struct AgentTiles {
    static let rights = Anchor("agent-rights")
    static let controls = Anchor("agent-controls")
    static let activity = Anchor("agent-now")
    private static let anchor = Anchor("agent-tiles")

    let detail: AgentDetail

    var html: HTML {
        let tiles = tiles.html
        return element(
            .section, .id(Self.anchor), .flag(.isLive), .text(.version, [tiles].look),
            .text(.label, "At a glance")
        ) { tiles }
    }

    private var tiles: Tiles {
        var tiles = Tiles()
        let rights = detail.rights.map(\.right)
        let free = rights.count { $0.verdicts.contains(.allow) }
        let denied = rights.count { $0.verdicts.isEmpty }
        // The number of all tools comes with the worst case, which may not be computed yet.
        let all = detail.worstCase.map { " of \($0.toolCount)" } ?? ""
        tiles.add("Permissions", to: Self.rights, "\(rights.count)\(all) tools") {
            "\(free) without approval, \(rights.count - free - denied) with approval"
            if denied > 0 { ", \(denied) denied" }
        }
        tiles.add(
            "Enforcement", to: Self.controls, Shape.count(detail.controls.count, "control")
        ) {
            "\(detail.guidance.count) guidance, identity "
            if detail.hasWeakIdentity {
                badge("weak", .warning)
            } else {
                "bound to a workload"
            }
        }
        // The gateway counts calls by agent over one hour, not over a day.
        let hour = detail.line.lastHour
        tiles.add("Last hour", to: Self.activity, "\(Shape.grouped(hour.done)) allowed") {
            "\(Shape.grouped(hour.refused)) denied "
            if hour.done + hour.refused > 0 { Sparkline(detail.line).drawing }
        }
        return tiles
    }
}
