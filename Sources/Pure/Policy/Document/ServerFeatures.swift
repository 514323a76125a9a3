import InterlockModel

/// Reads the features that a server's entry lists: tools, resources and prompts.
func readOffers(of server: TypedValue, _ findings: inout Findings) -> [ToolSpec] {
    var offers: [ToolSpec] = []
    for (kind, key) in [
        (FeatureKind.tool, "tools"), (.resource, "resources"), (.prompt, "prompts"),
    ] {
        for entry in server[key]?.members ?? [] {
            guard let name = ToolName(kind, entry.key),
                let toolClass = entry.value["class"]?.text.flatMap(ToolClass.init)
            else { continue }
            var offer = ToolSpec(
                name: name, toolClass: toolClass, declared: entry.value["effects"]?.effectSet ?? [],
                data: DataObligations(entry.value["data"]), place: entry.keyPlace,
                path: entry.value.path)
            if let data = entry.value["data"] {
                checkData(data, &findings)
                checkOverflow(
                    offer.data.overflow, of: toolClass, at: data["overflow"] ?? data, &findings)
            }
            offer.selects = readSelects(entry.value["selects"], &findings)
            offer.units = readUnits(entry.value["units"], &findings)
            offer.flow = readFlow(entry.value, &findings)
            offer.allowsExtra = entry.value["allow_extra"]?.flag ?? false
            if kind == .resource {
                guard let uri = readTemplate(entry, &findings) else { continue }
                offer.uri = uri
            }
            offers.append(offer)
        }
    }
    checkDistinct(offers, &findings)
    return offers
}

private func readTemplate(_ entry: TypedValue.Member, _ findings: inout Findings) -> URITemplate? {
    guard let uri = entry.value["uri"], let text = uri.text else { return nil }
    do throws(URITemplateFault) { return try URITemplate(text) } catch {
        findings.add(
            .malformedName, at: uri, "\(entry.key): `\(text)` is no URI of a resource: \(error)")
        return nil
    }
}

/// Reports templates of the same shape: a URI that matches both would be ambiguous.
private func checkDistinct(_ offers: [ToolSpec], _ findings: inout Findings) {
    var holders: [[URITemplate.Shape]: ToolName] = [:]
    for offer in offers {
        guard let uri = offer.uri, let holder = holders.updateValue(offer.name, forKey: uri.shape)
        else { continue }
        findings.add(.duplicateName, at: offer, "\(offer.name): the same URI as \(holder)")
    }
}
