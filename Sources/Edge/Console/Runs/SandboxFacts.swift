import InterlockJSON
import InterlockLedger
import InterlockMarkup
import InterlockModel
import InterlockPolicy
import InterlockSandboxes

/// The sandbox of one run: its layers, the limits that are not kept, its connections and what it wrote.
struct SandboxFacts {
    let status: SandboxStatus
    /// False if the facts are those of records, after the end of the run or before this start of the gateway.
    let isLive: Bool

    init(_ status: SandboxStatus) {
        self.status = status
        isLive = true
    }

    /// Collects the facts from the records of a run.
    ///
    /// - Returns: nil if no record says that the run has a sandbox.
    init?(_ steps: [RunStep], of run: RunID, _ agent: AgentName) {
        guard let start = steps.first(where: { $0.type == .runStart })?.record,
            let isolation = start.text("iso")
        else { return nil }
        var figures = SandboxFigures()
        for step in steps {
            let record = step.record
            switch step.type {
            case .netConnect:
                let count = Int(clamping: record["cnt"]?.integer ?? 1)
                if record.text("dec") == "allow" {
                    figures.count(permitted: count)
                } else {
                    figures.count(refusedWith: record.text("code"), count)
                }
            case .netClose:
                figures.count(
                    sent: record["sent"]?.integer ?? 0, received: record["recv"]?.integer ?? 0)
            default: break
            }
        }
        func names(_ field: String) -> [String] {
            start[field]?.array?.compactMap(\.string) ?? []
        }
        status = SandboxStatus(
            run: run, agent: agent,
            setup: SandboxStatus.Setup(
                isolation: SandboxIsolation(rawValue: isolation), backend: start.text("back"),
                layers: names("layers"), degraded: names("deg")),
            figures: figures)
        isLive = false
    }

    var isolation: IsolationBadge { IsolationBadge(setup: status.setup) }

    var html: HTML {
        var facts = Facts()
        facts.add("Isolation") {
            isolation.html
            if let setup = status.setup {
                setup.backend.map { [.text(", by ")] + SafeText.text($0) } ?? []
            } else {
                " It began before this start of the gateway."
            }
        }
        if let setup = status.setup {
            facts.add("Layers on", text: setup.layers.joined(separator: ", "))
            facts.add("Limits not kept") {
                if setup.degraded.isEmpty {
                    "none"
                } else {
                    badge("not kept", .warning)
                    " "
                    SafeText.text(setup.degraded.joined(separator: ", "))
                }
            }
        }
        let figures = status.figures
        facts.add("Connections permitted") { Shape.grouped(figures.permitted) }
        facts.add("Connections refused") {
            Shape.grouped(figures.refused)
            if !figures.refusals.isEmpty {
                ": "
                SafeText.text(
                    figures.refusals.map { "\($0.reason) \($0.count)" }.joined(separator: ", "))
            }
        }
        facts.add("Sent, received") {
            "\(Shape.grouped(figures.sent)) bytes, \(Shape.grouped(figures.received)) bytes"
        }
        if isLive {
            facts.add("Written in the workspace's layer") {
                if let written = figures.written {
                    "\(Shape.grouped(written)) bytes"
                } else {
                    "not measured yet"
                }
            }
        }
        return facts.html
    }
}

/// The sandboxed runs of an agent that are under way.
struct AgentSandboxes {
    static let anchor = Anchor("agent-sandboxes")
    let running: [SandboxStatus]

    var html: HTML {
        Table(
            "Sandboxes under way, the newest first",
            [
                .id("Run"), .state("Isolation"), .number("Permitted"), .number("Refused"),
                .number("Bytes written", .second), .state("State"),
            ], running, isLinked: true
        ) { one in
            [
                Shape.run(one.run),
                .group(IsolationBadge(setup: one.setup).html),
                .text(Shape.grouped(one.figures.permitted)),
                .text(Shape.grouped(one.figures.refused)),
                .text(one.figures.written.map { Shape.grouped($0) } ?? "-"),
                .text(one.isStopping ? "stopping" : "running"),
            ]
        }.html(or: "No sandbox of it is under way.")
    }
}
