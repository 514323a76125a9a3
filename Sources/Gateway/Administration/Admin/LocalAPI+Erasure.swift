import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

extension LocalAPI {
    /// The body is `{reason, confirm, ticket?}` and one of `run`, `subject`, `before`; `confirm` repeats
    /// what is named. The answer comes when the keys are gone.
    func erase(_ body: JSONValue, by listener: Listener) async throws(LocalRefusal) -> JSONValue {
        guard case .local(let uid, _) = listener else { throw .noSuchRequest }
        let order: ErasureOrder
        do throws(FormError) { order = try ErasureOrder(body, pseudonyms: pseudonyms) } catch {
            throw LocalRefusal(400, "\(error)")
        }
        do throws(ErasureRefusal) {
            let report = try await erasures.erase(
                order, by: pseudonyms.pseudonym(of: Person(localUser: uid)))
            return [
                "runs": .array(report.erasure.runs.map(\.text).sorted().map(JSONValue.string)),
                "buckets": .array(report.erasure.days.sorted().map { .string($0.text) }),
                "records": .array(report.receipts.map(\.json)),
                "erased_before": .bool(!report.wasThere),
                "remains": .array(ErasureReport.remains.map(JSONValue.string)),
            ]
        } catch {
            throw LocalRefusal(error)
        }
    }
}

extension LocalRefusal {
    fileprivate init(_ refusal: ErasureRefusal) {
        switch refusal {
        case .nothingFound: self.init(404, "\(refusal)")
        case .notPast: self.init(400, "\(refusal)")
        case .unreadable, .notRecorded: self.init(503, "\(refusal)")
        case .notDone:
            self.init(
                503, "\(refusal)", help: "ask again, or restart the gateway: it finishes this")
        }
    }
}
