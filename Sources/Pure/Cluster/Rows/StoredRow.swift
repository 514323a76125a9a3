/// A row as the store returned it. Nothing of it is verified.
package struct StoredRow<Row: ClusterRow>: Hashable, Sendable {
    package var columns: Row.Columns
    package var body: [UInt8]

    package init(_ columns: Row.Columns, body: [UInt8]) {
        self.columns = columns
        self.body = body
    }
}
