import InterlockApprovals
import InterlockGovernor
package import InterlockJSON
import InterlockModel

extension LocalServices {
    /// Takes a signed break-glass order. The signed payload names the request.
    package func breakGlass(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let order = try envelope(call.body)
        do throws(BreakGlassRefusal) {
            return ["revision": .integer(Int64(try await approvals.breakGlass(order)))]
        } catch { throw Problem(error) }
    }

    package func reviewBreakGlass(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let order = try envelope(call.body)
        do throws(BreakGlassRefusal) { try await approvals.review(order) } catch {
            throw Problem(error)
        }
        return ["state": "reviewed"]
    }

    /// The break-glass uses that need a review. The state is `failing` if a review is overdue.
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
