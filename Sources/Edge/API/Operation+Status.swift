import InterlockAdministration
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas

extension Operation {
    /// Operations that report the status of the gateway.
    static let status: [Operation] = [
        Operation(
            name: "getStanding", method: .get, path: "/standing",
            summary: "The status of the gateway, as far as this person may see it.",
            answer: GatewayStatus.form.shape, problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                return GatewayStatus.form.json(
                    try await api.part(api.sources.status).now(for: visibility))
            }),
        Operation(
            name: "streamStanding", method: .get, path: "/standing/stream",
            summary:
                "Server-sent events: `changed`, and nothing of what; each two seconds `beat`, as "
                + "`getBeat` answers; `ended` where a newer stream of the session takes its place.",
            problems: [.tooMany, .notRead], handler: .events(.status)),
        Operation(
            name: "getBeat", method: .get, path: "/beat", isPolled: true,
            summary:
                "That the gateway answers, and the worst state of its parts; it counts as no activity of the person.",
            answer: Beat.form.shape, problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                _ = try api.visibility(call)
                _ = try api.part(api.sources.status)
                return Beat.form.json(api.beat)
            }),
        Operation(
            name: "getHealth", method: .get, path: "/health",
            summary:
                "The checks of the gateway's parts, and what makes it less safe, each with its "
                + "remedy, as far as this person may see it.",
            answer: GatewayHealth.form.shape, problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                return GatewayHealth.form.json(
                    try await api.part(api.sources.status).health(for: visibility))
            }),
    ]
}
