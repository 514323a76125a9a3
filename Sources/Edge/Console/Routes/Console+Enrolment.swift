import InterlockAPI
import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPorts

/// Registers a passkey for an invited person. The holder of the link is provisionally treated as that person, until a
/// second person has confirmed it.
extension Console {
    func enrolmentPage(_ token: String) -> HTTPResponse {
        guard let entry, let invited = entry.enrolment.invited(token) else { return noInvitation }
        let page = EnrolmentPage(invited: invited)
        return Page(title: "Enrol a passkey", viewer: nil, header: page.header, usesPasskeys: true)
        {
            page.content
        }.response(200, frame)
    }

    private var noInvitation: HTTPResponse {
        problem(404, "Invitation not found, used or expired")
    }

    func enrolmentChallenge(_ token: String, _ head: RequestHead) async -> HTTPResponse {
        guard let entry, let invited = entry.enrolment.invited(token),
            let user = Base64.decode(invited.pseudonym.text)
        else { return denied(.noInvitation) }
        do throws(EnrolmentRefusal) {
            let challenge = Base64.encodeURL(
                try await entry.enrolment.challenge(token, from: head.visitor))
            return .script(
                200,
                [
                    "challenge": .string(challenge), "rp_id": .string(entry.relyingParty),
                    "user_id": .string(Base64.encodeURL(user)),
                    "user": .string(invited.person.address),
                    "algorithms": .array(PasskeyAlgorithm.allCases.map { .integer($0.rawValue) }),
                    "known": .array(invited.known.map { .string($0.text) }),
                ], ("set-cookie", HostCookie.ceremony.set(challenge)))
        } catch {
            return denied(error)
        }
    }

    func enrolmentAnswer(
        _ token: String, _ head: RequestHead, _ body: [UInt8]
    ) async -> HTTPResponse {
        guard let entry else { return denied(.noInvitation) }
        guard let offer = FormBody(body)?.offer else {
            return .refusal(400, "malformed", "The browser's answer is malformed.")
        }
        guard let challenge = HostCookie.ceremony.value(in: head).flatMap(Base64.decodeURL) else {
            return denied(.staleChallenge)
        }
        do throws(EnrolmentRefusal) {
            let ended = ("set-cookie", HostCookie.ceremony.ended)
            switch try await entry.enrolment.enrol(
                token, offer, challenge: challenge, from: head.visitor)
            {
            case .counts: return .script(200, ["state": "enrolled"], ended)
            case .waits(let id):
                return .script(200, ["state": "waits", "order": .string(id.text)], ended)
            }
        } catch {
            return denied(error)
        }
    }

    private func denied(_ denial: EnrolmentRefusal) -> HTTPResponse {
        switch denial {
        case .tooOften(let wait): .later(wait)
        case .noInvitation:
            .refusal(
                404, "no_invitation", "Invitation not found, used or expired")
        case .staleChallenge:
            .refusal(409, "stale_challenge", "This took too long, or was begun again. Try again.")
        case .notBelieved:
            .refusal(422, "bad_registration", "What the browser made is not accepted.")
        case .known: .refusal(409, "known_credential", "This passkey is enrolled already.")
        case .unavailable:
            .refusal(503, "unavailable", "Nothing can be enrolled now. Try again.")
        }
    }
}
