package import InterlockModel

/// One tool, resource or prompt of a server.
package struct ToolSpec: PolicyPart {
    package let name: ToolName
    /// The template of a resource, or nil for tools and prompts.
    var uri: URITemplate?
    package let toolClass: ToolClass
    /// The effects as written.
    let declared: EffectSet
    let data: DataObligations
    /// The arguments that name resources, as guards read them.
    var selects: [ResourceKind: String] = [:]
    /// The units in which people read the arguments.
    package var units = ToolUnits.none
    /// The statements about the flow of values.
    package var flow = ToolFlow.none
    /// True if arguments may have members that the reviewed schema does not name.
    package var allowsExtra = false
    package let place: PolicyLocation
    let path: String

    /// The effects that controls apply to. Class read adds `read`; another class without effects counts as
    /// irreversible (docs/specs/policy.md, section 4.2).
    package var effects: EffectSet {
        if toolClass == .read { return declared.union(EffectSet(.read)) }
        return declared.isEmpty ? EffectSet(.irreversible) : declared
    }
}

struct CredentialSpec: Sendable {
    let agent: Located<String>
    let header: String
    let secret: Located<String>
    let rotation: Located<CredentialRotation>?
}
