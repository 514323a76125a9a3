/// Checks the framework maps of a pack, and what its controls state of them.
enum PackFrameworks {
    static func check(
        _ files: PackFiles, _ manifest: PackManifest, _ controls: [(String, PackControl)]
    ) throws(PackFault) {
        let listed = manifest.frameworks.map { "frameworks/\($0.id).json" }
        guard Set(files.names(in: "frameworks")) == Set(listed) else {
            throw .file(PackFiles.manifest, "its frameworks are not those of `frameworks/`")
        }
        var maps: [Octets: [Octets: Set<Octets>]] = [:]
        for (name, framework) in zip(listed, manifest.frameworks) {
            let bytes = try files.contents(name)
            do throws(Fault) {
                let fields = try JSONObject(bytes, .record)
                guard fields.text("id") == framework.id else {
                    throw Fault("it is of another framework")
                }
                guard fields.text("edition") == framework.edition else {
                    throw Fault("it is of another edition than \(framework.edition)")
                }
                guard
                    [Octets("checked"), Octets("not verified")]
                        .contains(where: { fields.text("status") == $0 })
                else { throw Fault("its status is neither `checked` nor `not verified`") }
                maps[framework.id] = try items(fields)
            } catch { throw .file(name, "\(error)") }
        }
        for (name, control) in controls {
            for framework in control.frameworks {
                guard let map = maps[framework.id] else {
                    throw .file(name, "it names `\(framework.id)`, which the pack does not have")
                }
                for item in framework.items {
                    guard map[item]?.contains(control.id) == true else {
                        throw .file(
                            name, "`\(item)` of `\(framework.id)` does not name this control")
                    }
                }
            }
        }
    }

    /// The controls of each item.
    private static func items(_ fields: JSONObject) throws(Fault) -> [Octets: Set<Octets>] {
        guard let listed = fields.objects("items") else { throw Fault("it has no items") }
        var items: [Octets: Set<Octets>] = [:]
        for one in listed {
            guard let id = one.text("id"), let controls = PackForm.texts(one, "controls"),
                let coverage = one.text("coverage"),
                ["strong", "partial", "none", "out of scope"].contains(coverage.description),
                items.updateValue(Set(controls), forKey: id) == nil
            else { throw Fault("an item is malformed, or occurs twice") }
        }
        return items
    }
}
