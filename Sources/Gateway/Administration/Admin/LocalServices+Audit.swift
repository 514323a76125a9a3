import InterlockEvidence
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

extension LocalServices {
    /// Records that a person is about to read the log. The command must not show anything before it receives the
    /// response, which is sent after the access is recorded.
    ///
    /// The body is `{kind, n, query}`; the query is recorded as a payload, because it may name people.
    package func recordExport(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let (kind, count, query) = try export(call.body)
        do throws(LedgerRefusal) {
            return try await ExportRecorder(gateway).record(
                kind, count: count, query: query, by: .person(call.by)
            ).json
        } catch {
            throw Problem(
                .notRecorded, "the view cannot be recorded: \(error.code)",
                help: "nothing was shown; `interlock status` tells what is wrong with the log")
        }
    }

    private func export(_ body: JSONValue) throws(Problem) -> (ExportKind, Int, [UInt8]) {
        do throws(FormError) {
            let fields = try StrictFields(body, required: ["kind", "n", "query"])
            let query = try fields.value("query")
            guard query.object != nil, let bytes = try? query.canonical() else {
                throw fields.bad("query", "an object")
            }
            return (
                try fields.made("kind", "a kind of export", ExportKind.init(rawValue:)),
                Int(try fields.integer("n", in: 0...Self.largestCount)), bytes
            )
        } catch { throw Problem(error) }
    }

    /// The largest integer that a record's leaf can hold.
    private static let largestCount: Int64 = (1 << 53) - 1
}

extension Receipt {
    /// The position of the record and its leaf hash, as people receive them.
    var json: JSONValue {
        ["index": .integer(Int64(clamping: index)), "hash": .string(leafHash.base64)]
    }
}

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
