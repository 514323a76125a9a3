import Glibc
import InterlockApprovalCommands
import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let approvalsWatch = Command(
        "approvals watch", "print requests as they come, change and end",
        example: "interlock approvals watch",
        options: [
            .directory, .json,
            Option("--agent NAME", "of this agent alone"),
            Option("--tool SERVER.TOOL", "of this tool alone"),
            Option("--every SECONDS", "between two questions, 1 to 300 (default: 1)"),
        ],
        exits: [.data, .unavailable],
        notes: """
            Goes on until it is interrupted. Lost contact with the gateway is said on standard error, and when it \
            is back; the first question has to be answered.
            """
    ) { invocation in
        let pause = try Invocation.parsed(
            invocation["every"] ?? "1", "no number of seconds", help: "write 1 to 300", .usage
        ) { Int64($0).flatMap { (1...300).contains($0) ? $0 : nil } }
        let gateway = try invocation.gateway()
        var watch = ApprovalsMonitor(invocation, try invocation.approvals(of: gateway))
        var hasContact = true
        while true {
            try await Task.sleep(for: .seconds(pause))
            do throws(Failure) {
                watch.show(try invocation.approvals(of: gateway))
                if !hasContact { Output.error("interlock: contact restored") }
                hasContact = true
            } catch {
                if hasContact { Output.error("interlock: no contact: \(error.message)") }
                hasContact = false
            }
        }
    }
}

/// The requests as they were printed last.
private struct ApprovalsMonitor {
    private let invocation: Invocation
    private var known: [String: JSONValue] = [:]

    init(_ invocation: Invocation, _ requests: [JSONValue]) {
        self.invocation = invocation
        show(requests)
    }

    /// Prints what differs from the requests before.
    mutating func show(_ requests: [JSONValue]) {
        var isThere: Set<String> = []
        for request in requests {
            guard let id = request["shown"]?.string else { continue }
            isThere.insert(id)
            guard let before = known.updateValue(request, forKey: id) else {
                write("asked", request)
                continue
            }
            let isOther = ["state", "have", "quorum"].contains { before[$0] != request[$0] }
            if isOther { write("changed", request) }
        }
        for (id, request) in known.sorted(by: { $0.key < $1.key }) where !isThere.contains(id) {
            known[id] = nil
            write("ended", request)
        }
    }

    private func write(_ event: String, _ request: JSONValue) {
        var object = request.object ?? [:]
        object["event"] = .string(event)
        let words = ApprovalFormatter.columns.map { $0.text(of: request) }
        invocation.print(
            .object(object),
            event.padded(to: 7) + "  " + words.joined(separator: "  "))
    }
}
