import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

extension LocalAPI {
    /// Records that a person is about to read the log. The caller must not show anything before this returns, because
    /// no view may be missing from the log.
    ///
    /// The body is `{kind, n, query}`; the query is stored as a payload, since it may name people.
    func recordExport(_ body: JSONValue, by listener: Listener) async throws(LocalRefusal)
        -> JSONValue
    {
        guard case .local(let uid, _) = listener else { throw .noSuchRequest }
        let (kind, count, query) = try export(body)
        let reader = pseudonyms.pseudonym(of: Person(localUser: uid))
        do throws(LedgerRefusal) {
            return try await ExportRecorder(gateway).record(
                kind, count: count, query: query, by: .person(reader)
            ).json
        } catch {
            throw LocalRefusal(
                503, "the view cannot be recorded: \(error.code)",
                help: "nothing was shown; `interlock status` tells what is wrong with the log")
        }
    }

    private func export(_ body: JSONValue) throws(LocalRefusal) -> (ExportKind, Int, [UInt8]) {
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
        } catch {
            throw LocalRefusal(400, "\(error)")
        }
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
