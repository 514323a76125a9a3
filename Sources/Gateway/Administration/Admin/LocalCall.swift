package import InterlockJSON
package import InterlockModel

/// A request of the command line at the local socket.
package struct LocalCall: Sendable {
    /// The pseudonym of the caller, as in records.
    package let by: Pseudonym
    package let body: JSONValue
    let places: [ExactText: String]

    package init(by: Pseudonym, places: [ExactText: String], body: JSONValue) {
        self.by = by
        self.places = places
        self.body = body
    }

    /// Returns the value of a placeholder of the path, or an empty string if the path has no such placeholder.
    subscript(place: String) -> String { places[ExactText(place)] ?? "" }
}
