package import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

extension LocalServices {
    /// The body is `{reason, confirm, ticket?}` and one of `run`, `subject`, `before`; `confirm` repeats its value. The
    /// response is sent after the keys are deleted.
    package func erase(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let order: ErasureOrder
        do throws(FormError) { order = try ErasureOrder(call.body, pseudonyms: pseudonyms) } catch {
            throw Problem(error)
        }
        do throws(ErasureRefusal) {
            let report = try await erasures.erase(order, by: call.by)
            return [
                "runs": .array(report.erasure.runs.map(\.text).sorted().map(JSONValue.string)),
                "buckets": .array(report.erasure.days.sorted().map { .string($0.text) }),
                "records": .array(report.receipts.map(\.json)),
                "erased_before": .bool(!report.wasThere),
                "remains": .array(ErasureReport.remains.map(JSONValue.string)),
            ]
        } catch { throw Problem(error) }
    }
}
