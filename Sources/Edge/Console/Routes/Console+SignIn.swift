import InterlockAPI
import InterlockAdministration
import InterlockJSON
import InterlockMCP
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    /// `/sign-in?to=/approvals/apr_...`
    func signInPage(_ query: String?) -> HTTPResponse {
        guard entry != nil else { return problem(404, "Page not found") }
        let wanted = query.flatMap(FormFields.parse)?["to"].flatMap(Route.init)?.link
        let page = SignInPage(next: wanted ?? frame.first)
        return Page(title: "Sign in", viewer: nil, header: page.header, usesPasskeys: true) {
            page.content
        }.response(200, frame)
    }

    func signInChallenge(_ head: RequestHead, _ body: [UInt8]) async -> HTTPResponse {
        guard let entry else { return problem(404, "Page not found") }
        guard let key = FormBody(body)?.sessionKey else { return denied(.badKey) }
        do throws(PersonSignInRefusal) {
            let challenge = Base64.encodeURL(
                try await entry.signIn.challenge(for: key, from: head.visitor))
            return .script(
                200, ["challenge": .string(challenge), "rp_id": .string(entry.relyingParty)],
                ("set-cookie", HostCookie.ceremony.set(challenge)))
        } catch {
            return denied(error)
        }
    }

    /// Ends the session that the browser sent, regardless of its person, and starts one with a new token.
    func signInAnswer(_ head: RequestHead, _ body: [UInt8]) async -> HTTPResponse {
        guard let entry else { return problem(404, "Page not found") }
        let form = FormBody(body)
        guard let assertion = form?.assertion else {
            return .refusal(400, "malformed", "The browser's answer is malformed.")
        }
        guard let key = form?.sessionKey else { return denied(.badKey) }
        guard let challenge = HostCookie.ceremony.value(in: head).flatMap(Base64.decodeURL) else {
            return denied(.staleChallenge)
        }
        do throws(PersonSignInRefusal) {
            let token = try await entry.signIn.signIn(
                assertion, challenge: challenge, for: key, from: head.visitor)
            // An old session that cannot be ended now is idle, and ends by itself.
            if let old = HostCookie.session.value(in: head) { try? await entry.signIn.end(old) }
            var response = HTTPResponse.script(
                200, ["signed_in": true], ("set-cookie", HostCookie.session.set(token)),
                ("set-cookie", HostCookie.ceremony.ended))
            // A zone that does not exist is as if the browser had named none.
            if let zone = form?["zone"], isZone(zone), zone != appearance.signInZone {
                var looks = appearance
                looks.signInZone = zone
                response.headers.append(("set-cookie", Appearance.cookie.set(looks.text)))
            }
            return response
        } catch {
            return denied(error)
        }
    }

    func signOut(
        _ token: String, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard let entry else { return problem(404, "Page not found") }
        guard form(body, of: session) != nil else { return foreign(session) }
        do throws(StoreFailure) { try await entry.signIn.end(token) } catch {
            return problem(503, "The session could not be ended. Try again.")
        }
        var response = HTTPResponse.seeOther(Link("sign-in"))
        response.headers.append(("set-cookie", HostCookie.session.ended))
        return response
    }

    /// The response reveals nothing about who is enrolled.
    private func denied(_ denial: PersonSignInRefusal) -> HTTPResponse {
        switch denial {
        case .tooOften(let wait): .later(wait)
        case .badKey:
            .refusal(400, "bad_key", "A session needs the key of its browser: load the page again.")
        case .unavailable:
            .refusal(503, "unavailable", "Signing in is not possible now. Try again.")
        case .staleChallenge, .refused, .ended:
            .refusal(403, "not_signed_in", "This passkey's answer is not accepted. Try again.")
        }
    }
}
