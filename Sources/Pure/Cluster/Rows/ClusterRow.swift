package import InterlockJSON
package import InterlockModel

/// The meaning of one row, as the node that writes it signs it.
package protocol ClusterRow: Hashable, Sendable {
    associatedtype Columns: RowColumns

    var address: RowAddress { get }
    /// The number of the change that writes this body, from 1; 1 if the table numbers none.
    var version: Int64 { get }
    /// Members of the signed statement: columns of the store, and what is needed to verify columns that change without the
    /// body.
    var columns: JSONObject { get }
    /// The value in the form in which a single node stores it.
    var content: JSONValue { get }

    /// - Parameter columns: the member `columns` of the statement.
    init(
        _ address: RowAddress, version: Int64, columns: JSONValue, content: JSONValue
    ) throws(FormError)

    /// Returns the name of the first column of the store that says something else than the row, or nil.
    ///
    /// - Parameter node: the node that signed the row.
    func otherColumn(in columns: Columns, node: NodeName) -> String?
}

/// The columns of a row as the store returned them. Nothing of them is verified.
package protocol RowColumns: Hashable, Sendable {
    /// The address that they state.
    var address: RowAddress { get }
}
