import InterlockPorts
import InterlockTransport

/// The proxy's own routes of one run: models, and everything else.
struct RunRoutes: RequestHandler {
    let own: OwnRoutes
    let models: ModelRoute

    func judge(_ head: RequestHead) -> HeadDecision {
        ModelRoute.serves(head) ? models.judge(head) : own.judge(head)
    }

    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        if ModelRoute.serves(head) {
            await models.handle(head, body: body, exchange)
        } else {
            await own.handle(head, body: body, exchange)
        }
    }
}
