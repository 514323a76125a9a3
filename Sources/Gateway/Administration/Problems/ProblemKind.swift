/// The kinds of problem with which the gateway refuses requests of people, service accounts and the command line (RFC
/// 9457). The raw value is the `code` of the response and the end of its `type`.
package enum ProblemKind: String, Sendable, CaseIterable {
    case malformed
    case notSignedIn = "not_signed_in"
    case notProven = "not_proven"
    case unknownToken = "unknown_token"
    case notForServices = "not_for_services"
    case foreignOrigin = "foreign_origin"
    case foreignForm = "foreign_form"
    case notEligible = "not_eligible"
    case noSuchPath = "no_such_path"
    case noSuchRequest = "no_such_request"
    case noSuchPage = "no_such_page"
    case noSuchPerson = "no_such_person"
    case noSuchService = "no_such_service"
    case noSuchDelegation = "no_such_delegation"
    case noSuchOrder = "no_such_order"
    case noSuchInvitation = "no_such_invitation"
    case noSuchAgent = "no_such_agent"
    case noSuchServer = "no_such_server"
    case noSuchElevation = "no_such_elevation"
    case noUse = "no_use"
    case noSuchPolicy = "no_such_policy"
    case noSuchAlert = "no_such_alert"
    case noSuchIncident = "no_such_incident"
    case noSuchRecord = "no_such_record"
    case noSuchRun = "no_such_run"
    case noSuchName = "no_such_name"
    case methodNotAllowed = "method_not_allowed"
    case alreadyVoted = "already_voted"
    case requestClosed = "request_closed"
    case revisionChanged = "revision_changed"
    case nonceSpent = "nonce_spent"
    case notGranted = "not_granted"
    case keyInUse = "key_in_use"
    case staleOrder = "stale_order"
    case knownCredential = "known_credential"
    case tooManyWait = "too_many_wait"
    case knownService = "known_service"
    case delegatedAlready = "delegated_already"
    case unfit
    case noRoom = "no_room"
    case otherState = "other_state"
    case signInRefused = "sign_in_refused"
    case nothingToLower = "nothing_to_lower"
    case reviewed
    case policyChanged = "policy_changed"
    case signedAlready = "signed_already"
    case notForSigning = "not_for_signing"
    case disposedAlready = "disposed_already"
    case outcomeKnown = "outcome_known"
    case checkedAlready = "checked_already"
    case noOpenIncident = "no_open_incident"
    case notQuarantined = "not_quarantined"
    case drifted
    case noOpenBreaker = "no_open_breaker"
    case notShared = "not_shared"
    case tooLarge = "too_large"
    case notJSON = "not_json"
    case notServedHere = "not_served_here"
    case digestMismatch = "digest_mismatch"
    case unfitEnd = "unfit_end"
    case unfitDelegate = "unfit_delegate"
    case unfitGrant = "unfit_grant"
    case badSignature = "bad_signature"
    case badAssertion = "bad_assertion"
    case keyReused = "key_reused"
    case tooFast = "too_fast"
    case notFullyViewed = "not_fully_viewed"
    case notConfirmed = "not_confirmed"
    case tooMany = "too_many"
    case notRecorded = "not_recorded"
    case notKept = "not_kept"
    case notRead = "not_read"

    package var status: Int { entry.status }
    /// The title, which is the same for each occurrence.
    package var title: String { entry.title }

    /// The exit code of a command whose request is refused with this kind.
    package var exitCode: Int32 {
        switch self {
        // No exit code means that the breaker exists but is closed already; 66 (not found) is the closest.
        case .noOpenBreaker: 66
        case .badSignature, .badAssertion: 77
        default: Self.exitCode(status: status) ?? 65
        }
    }

    /// The exit code of a command that has nothing but the status; nil if a refused request has none of its own.
    package static func exitCode(status: Int) -> Int32? {
        switch status {
        case 401, 403: 77
        case 404: 66
        case 409: 1
        case 428: 75
        case 429, 503: 69
        default: nil
        }
    }

    private var entry: (status: Int, title: String) {
        switch self {
        case .malformed: (400, "The request is malformed")
        case .notSignedIn: (401, "No person is signed in")
        case .notProven: (401, "The request is not proven by the key of its session")
        case .unknownToken: (401, "This token counts for nothing here")
        case .notForServices: (403, "A service only reads, and not this")
        case .foreignOrigin: (403, "The request comes from another page")
        case .foreignForm: (403, "The form token is not of this session")
        case .notEligible: (403, "This person may not do that")
        case .noSuchPath: (404, "There is no such path")
        case .noSuchRequest: (404, "Request not found, or no access")
        case .noSuchPage: (404, "The cursor is of no page of this list")
        case .noSuchPerson: (404, "No person with this address is enrolled or invited")
        case .noSuchService: (404, "No service of this name has a token")
        case .noSuchDelegation: (404, "Your seat in this group is not passed to another person")
        case .noSuchOrder: (404, "Nothing of this id waits for a second person")
        case .noSuchInvitation: (404, "There is no such invitation, or it was used, or is over")
        case .noSuchAgent: (404, "Agent not found, or no access")
        case .noSuchServer: (404, "There is no such server")
        case .noSuchRecord: (404, "Record not found, or no access")
        case .noSuchRun: (404, "Run not found, or no access")
        case .noSuchElevation: (404, "There is no such elevation, or no such agent")
        case .noSuchName: (404, "There is nothing of this name")
        case .noUse: (404, "Break-glass was not used for this request")
        case .noSuchAlert: (404, "Alert not found, or no access")
        case .noSuchIncident: (404, "Incident not found, or no access")
        case .noSuchPolicy: (404, "Part of the policy not found, or no access")
        case .methodNotAllowed: (405, "This path has other methods")
        case .alreadyVoted: (409, "This person has voted already")
        case .requestClosed: (409, "The request has reached its end")
        case .revisionChanged: (409, "The request was issued anew")
        case .nonceSpent: (409, "The nonce was used, is too old, or was not issued")
        case .notGranted: (409, "The request is not approved")
        case .keyInUse: (409, "A request with this idempotency key is being answered")
        case .staleOrder: (409, "The order is old, of the future, or was taken already")
        case .knownCredential: (409, "This credential is enrolled already")
        case .tooManyWait: (409, "There are too many already")
        case .knownService: (409, "A service of this name has a token already")
        case .delegatedAlready: (409, "Your seat in this group is passed already")
        case .unfit: (409, "The people that would come of it are not fit")
        case .noRoom: (409, "This elevation cannot be had now")
        case .otherState: (409, "It is not in the state that this takes")
        case .signInRefused: (409, "The sign-in is refused")
        case .nothingToLower: (409, "One person is all that is asked for")
        case .reviewed: (409, "It was reviewed already")
        case .policyChanged: (409, "Another revision waits now")
        case .signedAlready: (409, "This person has signed it already")
        case .notForSigning: (409, "It is not for want of a signature that it waits")
        case .disposedAlready: (409, "A disposition was recorded already")
        case .outcomeKnown: (409, "The outcome of this call is known")
        case .checkedAlready: (409, "Another finding was recorded already")
        case .noOpenIncident: (409, "No incident of it is open")
        case .notQuarantined: (409, "No person has quarantined it")
        case .drifted: (409, "It is not as it was reviewed")
        case .noOpenBreaker: (409, "No such breaker is open")
        case .notShared: (409, "A node of a cluster cannot do this")
        case .tooLarge: (413, "The body is too large")
        case .notJSON: (415, "A body of JSON is expected")
        case .notServedHere: (421, "This name is not served here")
        case .digestMismatch: (422, "What was signed is not this request")
        case .unfitEnd: (422, "A token ends within a year, a delegation within 14 days")
        case .unfitDelegate: (422, "A delegate is another person, who is enrolled")
        case .unfitGrant: (422, "The policy cannot take this grant")
        case .badSignature: (422, "The signature is not by an enrolled key of the named person")
        case .badAssertion: (422, "The passkey's answer is not accepted")
        case .keyReused: (422, "This idempotency key was used for another request")
        case .tooFast: (428, "The minimum reading time has not passed")
        case .notFullyViewed: (428, "Not every part was on screen")
        case .notConfirmed: (428, "What was typed is not what was asked for")
        case .tooMany: (429, "Too many at once")
        case .notRecorded: (503, "Nothing was done, because it cannot be recorded")
        case .notKept: (503, "It holds and is recorded, but the store did not take it")
        case .notRead: (503, "What is needed for it cannot be read now")
        }
    }
}
