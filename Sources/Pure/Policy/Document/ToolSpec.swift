import InterlockModel

/// One tool, resource or prompt of a server.
struct ToolSpec: Sendable {
    let name: ToolName
    /// Of a resource; nil for tools and prompts.
    var uri: URITemplate?
    let toolClass: ToolClass
    /// As written.
    let declared: EffectSet
    let data: DataObligations
    let place: PolicyLocation
    let path: String

    /// What controls judge: `read` for class read; another class without effects counts as
    /// irreversible (specs of the policy, 4.2).
    var effects: EffectSet {
        if toolClass == .read { return declared.union(EffectSet(.read)) }
        return declared.isEmpty ? EffectSet(.irreversible) : declared
    }
}

struct CredentialSpec: Sendable {
    let agent: Located<String>
    let header: String
    let secret: Located<String>
    let rotateBy: Located<CivilDate>?
}
