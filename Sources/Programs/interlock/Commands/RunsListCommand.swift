import InterlockJSON

extension Command {
    static let runsList = Command(
        "runs list", "what runs and could be stopped",
        options: [.directory, .json],
        exits: [.unavailable],
        notes: "Stop one with `interlock kill RUN`."
    ) { invocation in
        let client = GatewayClient(try Deployment.open(invocation))
        for run in try client.get("/v1/open-runs")["runs"]?.array ?? [] {
            if invocation.has("json") {
                Output.json(run)
                continue
            }
            func text(_ key: String) -> String { TerminalEscaping.shown(run[key]?.string ?? "-") }
            Output.line(
                "\(text("run"))  \(text("agent"))  \(text("owner"))  \(text("point"))  "
                    + "\(run["calls"]?.integer ?? 0) calls in flight"
                    + (run["halted"]?.string.map { ", halted by \($0)" } ?? ""))
        }
        return .ok
    }
}
