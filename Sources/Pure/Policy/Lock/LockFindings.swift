import InterlockJSON
package import InterlockModel

/// The state of the lock when a policy is checked or compiled.
package enum LockUse: Sendable {
    /// The lock is not requested: guards are not typed, and no finding reports that.
    case ignored
    /// The file does not exist.
    case absent
    case read(PolicyLock)
    /// The lock is not valid: no server is offered, and no guard is typed.
    case refused(LockProblem)

    package var lock: PolicyLock? { if case .read(let lock) = self { lock } else { nil } }
    package var problem: LockProblem? {
        if case .refused(let problem) = self { problem } else { nil }
    }
}

/// Compares the policy with its lock (E408 and W216).
func lintLock(_ document: PolicyDocument, _ use: LockUse, _ findings: inout Findings) {
    switch use {
    case .ignored, .refused: return
    case .absent, .read: break
    }
    for server in document.servers where server.name != HostServer.name {
        lintPins(server, document, use, &findings)
        for tool in server.tools {
            let address = ToolAddress(server: server.name, tool: tool.name)
            guard tool.uri == nil, use.lock?.pin(of: address) != nil else { continue }
            guard let least = use.lock?.tool(address)?.leastClass, tool.toolClass.isBelow(least)
            else { continue }
            findings.add(
                .classBelowFloor, at: tool,
                "\(address): class `\(tool.toolClass.rawValue)` is below `\(least.rawValue)`, "
                    + "the floor of its annotations",
                help: "raise the class, or override the floor in the lock")
        }
    }
}

/// Adds one finding for all tools of a server without a pin. A tool whose own finding is waived has its own.
private func lintPins(
    _ server: ServerSpec, _ document: PolicyDocument, _ use: LockUse, _ findings: inout Findings
) {
    func finding(_ part: some PolicyPart, _ subject: String) -> Finding {
        Finding(
            .noPin, at: part.place, path: part.path,
            "\(subject): no pin in the lock, so guards on its arguments are not typed",
            help: "interlock servers pin \(server.name)")
    }
    var unpinned: [Finding] = []
    var names: [String] = []
    // A resource is defined by its URI, so it has no definition to review.
    for tool in server.tools where tool.uri == nil {
        let address = ToolAddress(server: server.name, tool: tool.name)
        guard use.lock?.pin(of: address) == nil else { continue }
        let own = finding(tool, address.description)
        if document.waivers.contains(where: { $0.concerns(own) }) {
            findings.add(own)
        } else {
            unpinned.append(own)
            names.append(tool.name.text)
        }
    }
    guard unpinned.count > 1 else { return findings.add(contentsOf: unpinned) }
    findings.add(
        .noPin, at: server,
        "\(server.name): \(unpinned.count) tools have no pin in the lock, so guards on their arguments are not "
            + "typed: " + names.joined(separator: ", "),
        help: "interlock servers pin \(server.name)")
}

extension Finding {
    /// An E406 finding: the reason why the lock is not used at all. The location is exact for invalid JSON,
    /// and otherwise the start of the file, with the path in the message.
    package init(lock error: FormError, file: String, bytes: [UInt8]) {
        var place = PolicyLocation(file: file, line: 1, column: 1)
        if case .json(let error) = error {
            place = PolicyLocation(file: file, byte: error.offset, of: bytes)
        }
        self.init(.lockUnusable, at: place, path: "lock", shown("\(error)"))
    }
}

extension PolicyLocation {
    /// The location of a byte of a text. Lines end with a line feed; columns count code points.
    fileprivate init(file: String, byte: Int, of bytes: [UInt8]) {
        var line = 1
        var column = 1
        for next in bytes.prefix(byte) {
            if next == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if next & 0xc0 != 0x80 {
                column += 1
            }
        }
        self.init(file: file, line: line, column: column)
    }
}

/// The text on one line and of bounded length, whatever names the lock contains.
private func shown(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(400) {
        shown.unicodeScalars.append(
            scalar.properties.generalCategory.isVisible ? scalar : "\u{fffd}")
    }
    return shown
}
