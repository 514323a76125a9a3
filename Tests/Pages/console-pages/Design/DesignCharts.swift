import InterlockMarkup
import InterlockModel
import InterlockPolicyReview

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole

struct DesignCharts {
    let now: Timestamp

    var specimens: [DesignPage.Specimen] {
        [
            DesignPage.Specimen("Counts over time", "Chart(kind: .bars)") { bars.html },
            DesignPage.Specimen(
                "Lines, with times of which nothing is known", "Chart(kind: .line)"
            ) {
                line.html
            },
            DesignPage.Specimen("Calls of an hour in a row", "Sparkline(agent).content") {
                element(.p) { sparkline(1_234, denied: 7) }
                element(.p) { sparkline(0, denied: 0) }
            },
            DesignPage.Specimen("Flows of data", "FlowDrawing(reach).content") {
                FlowDrawing(flows, of: "refunds").content
            },
        ]
    }

    private var bars: Chart {
        Chart(
            caption: "Calls by minute", gist: "55 allowed, 6 denied", kind: .bars,
            series: [
                Chart.Series(name: "Allowed", tone: .toneCalm),
                Chart.Series(name: "Approved", tone: .toneWarm),
                Chart.Series(name: "Denied", tone: .toneBad),
            ], column: "Minute from",
            points: (0..<10).map {
                point($0, [Double($0 + 1), Double($0 % 3), Double($0 % 2)])
            },
            room: 20,
            band: Chart.Band(name: "Active halts", counts: (0..<10).map { $0 / 3 == 1 ? 1 : 0 })
        )
    }

    private var line: Chart {
        Chart(
            caption: "Time at servers by minute, in ms", gist: "p50 3 ms", kind: .line,
            series: [Chart.Series(name: "p50", tone: .toneCalm)], column: "Minute from",
            points: (0..<10).map { point($0, [$0 == 4 ? nil : Double(3 + $0 % 4)]) }, room: 20)
    }

    private func point(_ minute: Int, _ amounts: [Double?]) -> Chart.Point {
        let time = now + .seconds(60 * Int64(minute))
        return Chart.Point(label: Shape.exact(time), mark: .minute, amounts: amounts)
    }

    private func sparkline(_ done: Int64, denied: Int64) -> [HTML] {
        guard let name = AgentName("refunds") else { return [] }
        let minutes = (0..<60).map {
            CallCounts(done: done / 60 + $0 % 9, refused: denied / 6 * ($0 % 2))
        }
        return Sparkline(
            AgentSummary(
                name: name, owner: nil, tier: .high, stage: .supervised, reviewBy: nil,
                review: .inTime, lastHour: CallCounts(done: done, refused: denied),
                minutes: minutes)
        ).content
    }

    private var flows: DataFlows {
        func end(_ name: String, _ effects: [Effect], _ verdict: Verdict?, _ isExposed: Bool)
            -> DataFlows.End
        { DataFlows.End(name: name, effects: effects, verdict: verdict, isExposed: isExposed) }
        return DataFlows(
            sources: [
                end("billing.get_invoice", [.sensitiveData, .read], .approve(1), true),
                end("tickets.get_ticket", [.read], .allow, false),
            ],
            sinks: [
                end("api.carrier.example:443", [], nil, true),
                end(
                    "crm.send_customer_email", [.irreversible, .customerFacing], .approve(2),
                    true),
                end(
                    "billing.refund_request", [.spendsMoney, .irreversible], .approve(2), false),
            ])
    }
}
