import InterlockAdministration
import InterlockJSON
import InterlockModel

/// What was asked, once it is known to be as the document says.
protocol APIRequestContext: Sendable {
    /// Only the head of the answer is wanted.
    var isHead: Bool { get }
    var places: [ExactText: String] { get }
    /// Numbers as `.integer`, all else as `.string`.
    var query: [ExactText: JSONValue] { get }

    /// - Throws: `notSignedIn`, which whoever has passed the door does not meet.
    func asker() throws(Problem) -> APIPrincipal
}

/// Who has passed the door.
enum APIPrincipal: Sendable {
    case person(PersonSession)
    case service(ServiceAccount)
    /// Root or the gateway's own user, at the local socket.
    case commandLine(Person, Pseudonym)
}

/// What somebody or a service asks to read.
struct APIQuery: APIRequestContext {
    let isHead: Bool
    /// nil for operations that are open.
    let from: APIPrincipal?
    let places: [ExactText: String]
    let query: [ExactText: JSONValue]

    func asker() throws(Problem) -> APIPrincipal {
        guard let from else { throw Problem(.notSignedIn, PeopleAPI.stranger) }
        return from
    }
}

/// What a person asks to be done.
struct APIMutation: APIRequestContext {
    /// The same without what it brings.
    let reading: APIQuery
    /// Passed by the operation's shape.
    let body: JSONValue

    var isOfCommands: Bool { if case .commandLine = reading.from { true } else { false } }

    var isHead: Bool { reading.isHead }
    var places: [ExactText: String] { reading.places }
    var query: [ExactText: JSONValue] { reading.query }
    func asker() throws(Problem) -> APIPrincipal { try reading.asker() }

    /// - Throws: `notSignedIn` or `notForServices`, which whoever has passed the door does not meet.
    func person() throws(Problem) -> PersonSession {
        guard case .person(let session) = try asker() else {
            throw Problem(.notForServices, PeopleAPI.onlyRead)
        }
        return session
    }

    /// Who it is done by, as records name them.
    func author() throws(Problem) -> Pseudonym {
        guard case .commandLine(_, let pseudonym) = try asker() else {
            return try person().pseudonym
        }
        return pseudonym
    }

    /// The request that the path names.
    func approval() throws(Problem) -> ApprovalID {
        guard let id = places["approval"].flatMap(ApprovalID.init(shown:)) else {
            throw Problem(.noSuchRequest, OperationServices.missing)
        }
        return id
    }

    /// Of the form that the person has seen.
    func revision() throws(Problem) -> Int {
        guard let revision = body["revision"]?.integer else {
            throw Problem(.malformed, "member `revision` is missing")
        }
        return Int(revision)
    }
}
