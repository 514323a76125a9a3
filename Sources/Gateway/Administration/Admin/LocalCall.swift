package import InterlockJSON
package import InterlockModel

/// What the command line asks for at the local socket.
package struct LocalCall: Sendable {
    /// Who asks, as records name them.
    package let by: Pseudonym
    package let body: JSONValue
    let places: [ExactText: String]

    package init(by: Pseudonym, places: [ExactText: String], body: JSONValue) {
        self.by = by
        self.places = places
        self.body = body
    }

    /// What stands in a place of the path.
    subscript(place: String) -> String { places[ExactText(place)] ?? "" }
}
