import InterlockApprovals
import InterlockGovernor
import InterlockJSON
import InterlockModel

extension LocalAPI {
    /// Which request it is about, the signature says.
    func breakGlass(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let order = try envelope(body)
        do throws(BreakGlassRefusal) {
            return ["revision": .integer(Int64(try await approvals.breakGlass(order)))]
        } catch {
            throw LocalRefusal(error.status, "\(error)")
        }
    }

    func reviewBreakGlass(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let order = try envelope(body)
        do throws(BreakGlassRefusal) { try await approvals.review(order) } catch {
            throw LocalRefusal(error.status, "\(error)")
        }
        return ["state": "reviewed"]
    }

    /// What somebody has to look at; overdue, the posture is failing.
    func breakGlassStatus() -> JSONValue {
        guard let book = approvals.breakGlass else { return ["state": "unread"] }
        let now = gateway.clock.wall
        return [
            "state": .string(book.overdue(at: now).isEmpty ? "sound" : "failing"),
            "unreviewed": .array(
                book.unreviewed.map { use in
                    [
                        "request": .string(use.request.shown), "by": .string(use.by.text),
                        "due": .string(use.due.rfc3339(fractionDigits: 0)),
                        "overdue": .bool(now >= use.due),
                    ]
                }),
        ]
    }
}
