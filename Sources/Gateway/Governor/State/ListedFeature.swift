import InterlockJSON
import InterlockMCP
import InterlockModel

/// A feature as its server describes it.
enum ListedFeature: Sendable {
    case tool(PinnedTool)
    case prompt(PinnedPrompt)
    /// - byteCount: an estimate of the bytes that it takes in a list.
    case resource(ListedResource, EntryVerdict, byteCount: Int)

    var verdict: EntryVerdict {
        switch self {
        case .tool(let pin): pin.verdict
        case .prompt(let pin): pin.verdict
        case .resource(_, let verdict, _): verdict
        }
    }

    var byteCount: Int {
        switch self {
        case .tool(let pin): pin.byteCount
        case .prompt(let pin):
            pin.definition.shown(as: pin.definition.name, in: .modern).serialized().count
        case .resource(_, _, let count): count
        }
    }

    /// Everything that a list of some version has of it.
    var document: JSONObject {
        switch self {
        case .tool(let pin): pin.definition.pinned
        case .prompt(let pin): pin.definition.shown(as: pin.definition.name, in: .modern)
        case .resource(let resource, _, _): resource.shown(in: .modern, routedBy: nil)
        }
    }
}
