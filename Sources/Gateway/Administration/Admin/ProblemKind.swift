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
    case noSuchOrder = "no_such_order"
    case noSuchInvitation = "no_such_invitation"
    case noSuchAgent = "no_such_agent"
    case noSuchServer = "no_such_server"
    case noSuchElevation = "no_such_elevation"
    case noUse = "no_use"
    case noSuchPolicy = "no_such_policy"
    case noSuchAlert = "no_such_alert"
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
    case noOpenIncident = "no_open_incident"
    case notQuarantined = "not_quarantined"
    case drifted
    case noOpenBreaker = "no_open_breaker"
    case tooLarge = "too_large"
    case notJSON = "not_json"
    case notServedHere = "not_served_here"
    case digestMismatch = "digest_mismatch"
    case unfitEnd = "unfit_end"
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

    package var status: Int {
        switch self {
        case .malformed: 400
        case .notSignedIn, .notProven, .unknownToken: 401
        case .notForServices, .foreignOrigin, .foreignForm, .notEligible: 403
        case .noSuchPath, .noSuchRequest, .noSuchPage, .noSuchPerson, .noSuchService,
            .noSuchOrder,
            .noSuchInvitation, .noSuchAgent, .noSuchServer, .noSuchPolicy, .noSuchAlert, .noUse,
            .noSuchRecord,
            .noSuchRun, .noSuchElevation, .noSuchName:
            404
        case .methodNotAllowed: 405
        case .alreadyVoted, .requestClosed, .revisionChanged, .nonceSpent, .notGranted, .keyInUse,
            .staleOrder, .knownCredential, .tooManyWait, .knownService, .unfit, .noRoom,
            .nothingToLower,
            .reviewed,
            .policyChanged, .signedAlready, .notForSigning, .disposedAlready, .noOpenIncident,
            .notQuarantined, .drifted,
            .noOpenBreaker, .otherState, .signInRefused:
            409
        case .tooLarge: 413
        case .notJSON: 415
        case .notServedHere: 421
        case .digestMismatch, .unfitEnd, .unfitGrant, .badSignature, .badAssertion, .keyReused: 422
        case .tooFast, .notFullyViewed, .notConfirmed: 428
        case .tooMany: 429
        case .notRecorded, .notKept, .notRead: 503
        }
    }

    /// The exit code of a command whose request is refused with this kind.
    package var exitCode: Int32 {
        switch self {
        // No exit code means that the breaker exists but is closed already; 66 (not found) is the closest.
        case .noOpenBreaker: 66
        case .badSignature, .badAssertion: 77
        default:
            switch status {
            case 401, 403: 77
            case 404: 66
            case 409: 1
            case 428: 75
            case 429, 503: 69
            default: 65
            }
        }
    }

    /// The title, which is the same for each occurrence.
    package var title: String {
        switch self {
        case .malformed: "The request is malformed"
        case .notSignedIn: "Nobody is signed in"
        case .notProven: "The request is not proven by the key of its session"
        case .unknownToken: "This token counts for nothing here"
        case .notForServices: "A service only reads, and not this"
        case .foreignOrigin: "The request comes from another page"
        case .foreignForm: "The form token is not of this session"
        case .notEligible: "This person may not do that"
        case .noSuchPath: "There is no such path"
        case .noSuchRequest: "There is no such request, or it is not yours to see"
        case .noSuchPage: "The cursor is of no page of this list"
        case .noSuchPerson: "Nobody of this address is enrolled or invited"
        case .noSuchService: "No service of this name has a token"
        case .noSuchOrder: "Nothing of this id waits for a second person"
        case .noSuchInvitation: "There is no such invitation, or it was used, or is over"
        case .noSuchAgent: "There is no such agent, or it is not yours to see"
        case .noSuchServer: "There is no such server"
        case .noSuchRecord: "There is no such record, or it is not yours to see"
        case .noSuchRun: "There is no such run, or it is not yours to see"
        case .noSuchElevation: "There is no such elevation, or no such agent"
        case .noSuchName: "There is nothing of this name"
        case .noUse: "Nobody has broken glass at this request"
        case .noSuchAlert: "There is no such alert, or it is not yours to see"
        case .noSuchPolicy: "There is no such part of the policy, or it is not yours to see"
        case .methodNotAllowed: "This path has other methods"
        case .alreadyVoted: "This person has voted already"
        case .requestClosed: "The request has reached its end"
        case .revisionChanged: "The request was issued anew"
        case .nonceSpent: "The nonce was used, is too old, or was not issued"
        case .notGranted: "The request is not approved"
        case .keyInUse: "A request with this idempotency key is being answered"
        case .staleOrder: "The order is old, of the future, or was taken already"
        case .knownCredential: "This credential is enrolled already"
        case .tooManyWait: "There are too many already"
        case .knownService: "A service of this name has a token already"
        case .unfit: "The people that would come of it are not fit"
        case .noRoom: "This elevation cannot be had now"
        case .otherState: "It is not in the state that this takes"
        case .signInRefused: "The sign-in is refused"
        case .nothingToLower: "One person is all that is asked for"
        case .reviewed: "It was reviewed already"
        case .policyChanged: "Another revision waits now"
        case .signedAlready: "This person has signed it already"
        case .notForSigning: "It is not for want of a signature that it waits"
        case .disposedAlready: "Somebody has said already what it was"
        case .noOpenIncident: "No incident of it is open"
        case .notQuarantined: "Nobody has quarantined it"
        case .drifted: "It is not as it was reviewed"
        case .noOpenBreaker: "No such breaker is open"
        case .tooLarge: "The body is too large"
        case .notJSON: "A body of JSON is expected"
        case .notServedHere: "This name is not served here"
        case .digestMismatch: "What was signed is not this request"
        case .unfitEnd: "A token ends within a year"
        case .unfitGrant: "The policy cannot take this grant"
        case .badSignature: "The signature is not by an enrolled key of the named person"
        case .badAssertion: "The passkey's answer is not accepted"
        case .keyReused: "This idempotency key was used for another request"
        case .tooFast: "Nobody can have read it yet"
        case .notFullyViewed: "Not every part was on screen"
        case .notConfirmed: "What was typed is not what was asked for"
        case .tooMany: "Too many at once"
        case .notRecorded: "Nothing was done, because it cannot be recorded"
        case .notKept: "It holds and is recorded, but the store did not take it"
        case .notRead: "What is needed for it cannot be read now"
        }
    }
}
