import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func settings(
        _ route: SettingsRoute, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard route.isDeed else { return await settingsPage(session) }
        guard let form = form(body, of: session) else { return foreign(session) }
        return route == .endOthers ? await endOthers(session) : await dress(form, session)
    }

    private func settingsPage(
        _ session: PersonSession, status: Int = 200, refusal: String? = nil
    ) async -> HTTPResponse {
        let live = await sessions.liveSessions(of: session.pseudonym)
        let listing = listing(for: session)
        let person = listing?.person(session.pseudonym).map {
            listing?.view(of: $0, sessions: live)
        }
        let page = SettingsPage(
            appearance: appearance,
            zones: (sources.zones?.names ?? []).filter { $0 != Appearance.utc },
            session: session, sessions: live, person: person ?? nil, refusal: refusal)
        return Page(title: SettingsPage.title, viewer: session, header: page.header) {
            page.content
        }.response(status, frame)
    }

    private func dress(_ form: FormBody, _ session: PersonSession) async -> HTTPResponse {
        guard var chosen = Appearance({ form[$0] }, isZone: isZone) else {
            return await settingsPage(
                session, status: 422,
                refusal: "Nothing was saved: choose each value from its list.")
        }
        chosen.signInZone = appearance.signInZone
        var response = HTTPResponse.seeOther(SettingsRoute.page.address)
        response.headers.append(("set-cookie", Appearance.cookie.set(chosen.text)))
        return response
    }

    private func endOthers(_ session: PersonSession) async -> HTTPResponse {
        do throws(StoreFailure) {
            _ = try await sessions.endOthers(than: session)
            return .seeOther(SettingsRoute.page.address)
        } catch {
            return await settingsPage(
                session, status: 503,
                refusal:
                    "It is not certain that all other sessions have ended: the store did not take it. Try again."
            )
        }
    }

    /// Returns true for UTC, and for a zone of the tz database.
    func isZone(_ name: String) -> Bool { name == Appearance.utc || rules(of: name) != nil }

    private func rules(of name: String) -> ZoneRules? {
        name.utf8.count <= 64 ? sources.zones?.zone(named: name) : nil
    }

    /// The style of the times of this browser's pages.
    var times: TimeStyle {
        rules(of: appearance.zone).map { TimeStyle(zone: $0) } ?? .utc
    }
}
