import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockPorts
import InterlockSchemas

extension Console {
    /// `/beat`: for strangers an empty answer, which tells nothing but that the gateway answers. A session gets the worst
    /// state of the parts too; the request counts as no activity of its person.
    func beat(_ head: RequestHead) async -> HTTPResponse {
        guard let token = HostCookie.session.value(in: head),
            await sessions.session(of: token, isUse: false) != nil
        else {
            return HTTPResponse(
                status: 204, headers: [("cache-control", "no-store")] + SecurityHeaders.all)
        }
        return .script(200, Beat.form.json(api.operations.beat))
    }
}
