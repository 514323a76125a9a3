package import InterlockAdministration
package import InterlockEvidence
import InterlockJSON
package import InterlockModel
import InterlockSchemas

/// A request that has been checked against the parameters and the body schema of its operation.
protocol APIRequestContext: Sendable {
    /// True for HEAD: the response has no body.
    var isHead: Bool { get }
    var places: [ExactText: String] { get }
    /// The parameters of the query: numbers as `.integer`, all others as `.string`.
    var query: [ExactText: JSONValue] { get }

    /// - Throws: `notSignedIn` if the request is not authenticated, which only open operations permit.
    func asker() throws(Problem) -> APIPrincipal
}

/// The authenticated sender of a request.
package enum APIPrincipal: Sendable {
    case person(PersonSession)
    case service(ServiceAccount)
    /// Root or the gateway's own user, at the local socket.
    case commandLine(Person, Pseudonym)
}

/// A request to read, from a person, a service account or the command line.
struct APIQuery: APIRequestContext {
    let isHead: Bool
    /// The sender, or nil if the operation is open.
    let from: APIPrincipal?
    let places: [ExactText: String]
    let query: [ExactText: JSONValue]

    func asker() throws(Problem) -> APIPrincipal {
        guard let from else { throw Problem(.notSignedIn, PeopleAPI.stranger) }
        return from
    }
}

/// A request of any operation that is answered at once, with its body.
struct APIMutation: APIRequestContext {
    /// The request without its body.
    let reading: APIQuery
    /// The body, valid under the operation's schema; null if the operation declares no body.
    let body: JSONValue

    var isOfCommands: Bool { if case .commandLine = reading.from { true } else { false } }

    var isHead: Bool { reading.isHead }
    var places: [ExactText: String] { reading.places }
    var query: [ExactText: JSONValue] { reading.query }
    func asker() throws(Problem) -> APIPrincipal { try reading.asker() }

    /// - Throws: `notSignedIn` or `notForServices` if the sender is not a signed-in person.
    func person() throws(Problem) -> PersonSession {
        guard case .person(let session) = try asker() else {
            throw Problem(.notForServices, PeopleAPI.onlyRead)
        }
        return session
    }

    /// The pseudonym by which records name the sender.
    func author() throws(Problem) -> Pseudonym {
        guard case .commandLine(_, let pseudonym) = try asker() else {
            return try person().pseudonym
        }
        return pseudonym
    }

    /// The member `reason`; empty if the schema does not require it and it is absent.
    var reason: String { body["reason"]?.string ?? "" }

    /// Returns the signed order that the body is.
    func envelope() throws(Problem) -> Envelope {
        do throws(FormError) { return try Envelope(json: body) } catch { throw Problem(error) }
    }

    /// Returns the id of the approval request that the path names.
    func approval() throws(Problem) -> ApprovalID {
        guard let id = places["approval"].flatMap(ApprovalID.init(shown:)) else {
            throw Problem(.noSuchRequest, OperationServices.missing)
        }
        return id
    }

    /// Returns the revision of the approval request that the person has seen.
    func revision() throws(Problem) -> Int {
        guard let revision = body["revision"]?.integer else {
            throw Problem(.malformed, "member `revision` is missing")
        }
        return Int(revision)
    }
}
