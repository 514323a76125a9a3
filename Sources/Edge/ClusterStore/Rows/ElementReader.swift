import InterlockCluster
import InterlockJSON
import InterlockModel

/// Reads one element of a JSON array that the store returns: an array with a value for each name, or an object with
/// exactly these members.
struct ElementReader {
    private let function: String
    private let column: String
    private let fields: StrictFields

    /// - Parameter column: the column and the position in it, for instance `tasks[2]`.
    init(
        _ value: JSONValue, _ names: [String], at column: String, of function: String
    ) throws(ClusterCallFailure) {
        self.function = function
        self.column = column
        var object = value
        if let values = value.array {
            guard values.count == names.count else {
                throw Self.fault(function, column, "\(names.count) values were expected")
            }
            object = .object(
                JSONObject(distinct: zip(names, values).map { (key: $0, value: $1) }))
        }
        do throws(FormError) {
            fields = try StrictFields(object, at: column, required: names)
        } catch { throw Self.fault(function, column, error.description) }
    }

    func integer(_ name: String, _ range: ClosedRange<Int64>) throws(ClusterCallFailure) -> Int64 {
        do throws(FormError) { return try fields.integer(name, in: range) } catch {
            throw fault(error)
        }
    }

    func text(_ name: String, _ count: ClosedRange<Int>) throws(ClusterCallFailure) -> String {
        try made(name, "a text of \(count) bytes") { count.contains($0.utf8.count) ? $0 : nil }
    }

    func made<Value>(
        _ name: String, _ expected: String, _ make: (String) -> Value?
    ) throws(ClusterCallFailure) -> Value {
        do throws(FormError) { return try fields.made(name, expected, make) } catch {
            throw fault(error)
        }
    }

    func node(_ name: String) throws(ClusterCallFailure) -> NodeName {
        try made(name, "the name of a node") { NodeName($0) }
    }

    func isNull(_ name: String) throws(ClusterCallFailure) -> Bool {
        do throws(FormError) { return try fields.value(name) == .null } catch { throw fault(error) }
    }

    /// The fault of the element as a whole.
    func fault(_ reason: String) -> ClusterCallFailure { Self.fault(function, column, reason) }

    private func fault(_ error: FormError) -> ClusterCallFailure { fault(error.description) }

    private static func fault(
        _ function: String, _ column: String, _ reason: String
    ) -> ClusterCallFailure {
        .unreadable(StoreRowFault(function: function, column: column, reason: reason))
    }
}
