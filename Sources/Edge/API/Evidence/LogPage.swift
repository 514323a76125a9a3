/// A page of records or of runs.
package enum LogPage {
    /// The number of rows, unless a reader asks for another one.
    package static let size = 50
}
