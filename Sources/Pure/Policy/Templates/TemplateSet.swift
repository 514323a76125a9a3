package import InterlockModel

/// The templates of one revision, each with the digest that is in every review made with it.
package struct TemplateSet: Sendable {
    package struct Entry: Hashable, Sendable {
        package let template: ReviewTemplate
        package let digest: Digest
    }

    package let byTool: [ToolAddress: Entry]

    package static let none = TemplateSet([:])

    private init(_ byTool: [ToolAddress: Entry]) { self.byTool = byTool }

    package init(_ templates: [ReviewTemplate], _ hashing: any Hashing) {
        var byTool: [ToolAddress: Entry] = [:]
        for template in templates {
            // A template that was read from a file always has a canonical form.
            guard let digest = try? template.digest(hashing) else { continue }
            byTool[template.tool] = Entry(template: template, digest: digest)
        }
        self.init(byTool)
    }

    package subscript(tool: ToolAddress) -> Entry? { byTool[tool] }
}

extension TemplateSet {
    /// The findings about the templates under the policy of the same revision: tools that it does not
    /// describe, previews that do more than read, and tasks that have a tool and not its preview (W239).
    package func findings(under document: PolicyDocument) -> [Finding] {
        var findings = Findings()
        for template in sorted {
            if document.tool(template.tool) == nil {
                findings.add(
                    .noSuchTool, at: template.place, path: template.tool.description,
                    "the policy describes no tool `\(template.tool)`")
            }
            if let quantity = template.quantity, let place = quantity.unitPlace {
                findings.add(
                    .unitInTemplate, at: place, path: "\(template.tool).quantity.unit",
                    "quantity: `unit` is words; the entry of `\(template.tool)` declares units",
                    help: "write there `units: {\(quantity.value.name): {money: minor, "
                        + "currency: args.currency}}`, or another unit, and leave `unit` out")
            }
            guard let preview = template.preview else { continue }
            let path = "\(template.tool).preview"
            guard let tool = document.tool(preview.tool) else {
                findings.add(
                    .noSuchTool, at: preview.place, path: path,
                    "the policy describes no tool `\(preview.tool)`")
                continue
            }
            if tool.toolClass != .read {
                findings.add(
                    .outOfPlace, at: preview.place, path: path,
                    "a preview only reads: `\(preview.tool)` is of class \(tool.toolClass.rawValue)"
                )
            } else if tool.flow.sends {
                findings.add(
                    .outOfPlace, at: preview.place, path: path,
                    "a preview only reads: `\(preview.tool)` sends data out")
            }
            for task in document.tasks where !task.contains(preview.tool) {
                guard
                    let tool = task.tools.first(where: {
                        ToolAddress(dotted: $0.value) == template.tool
                    })
                else { continue }
                findings.add(
                    .taskWithoutPreview, at: tool,
                    "\(task.name): the preview of `\(template.tool)` is denied, since "
                        + "`\(preview.tool)` is not in the task",
                    help: "add `\(preview.tool)` to the task")
            }
        }
        return findings.all
    }

    private var sorted: [ReviewTemplate] {
        byTool.values.map(\.template).sorted { $0.tool < $1.tool }
    }
}

extension PolicyDocument {
    fileprivate func tool(_ address: ToolAddress) -> ToolSpec? {
        servers.first { $0.name == address.server }?.tool(address.tool.text)
    }
}
