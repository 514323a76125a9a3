import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockSafety

/// A server's notification in which the search found no value that its caller must not read, nor in the texts before it
/// and it together.
///
/// INVARIANT: no text of a server reaches an agent in a notification before a search of that text, after the last texts
/// of the call, found nothing. Without an answer of the search, the notification is dropped. Kept by
/// `NoticeSearchTests`, `ServerTextRouteTests`, `test_server_texts.py`.
struct SearchedNotice<Notice: ServerNotice>: Sendable {
    let notice: Notice

    fileprivate init(_ notice: Notice) { self.notice = notice }
}

/// Searches the notifications of the calls of one run, at once and on the thread that has them.
struct NoticeSearch: Sendable {
    let inspector: any ResultInspector
    /// The digest of the rules, as in records.
    let rules: String
    let redaction: AnswerRedaction

    /// - Parameter history: the texts that the caller got before, of which a value may be a part.
    /// - Returns: the notice, or nil if it must be dropped, and what was found in it.
    func search<Notice>(
        _ notice: Notice, after history: NoticeHistory
    ) -> (notice: SearchedNotice<Notice>?, findings: [ResultFinding]) {
        let lines = inspection(of: notice, after: history)
        switch lines {
        case .clean?, .undecodable?, .marked?:
            let joined = inspectionAsOne(of: notice, after: history)
            switch joined {
            case .clean?, .undecodable?, .marked?:
                let isDecoded =
                    lines?.isUndecodable == false && joined?.isUndecodable == false
                return (SearchedNotice(notice), isDecoded ? [] : [.undecodable])
            case .found(let findings, let isUndecodable, _)?:
                let isDecoded = lines?.isUndecodable == false && !isUndecodable
                return (nil, isDecoded ? findings : findings + [.undecodable])
            case .failed?, nil: return (nil, [])
            }
        case .found(let findings, let isUndecodable, _)?:
            let counted = isUndecodable ? findings + [.undecodable] : findings
            guard let copy = copy(of: notice, findings, after: history) else {
                return (nil, counted)
            }
            return (SearchedNotice(copy), counted)
        case .failed?, nil: return (nil, [])
        }
    }

    /// Returns the notice without these values, or nil if they cannot be replaced.
    private func copy<Notice: ServerNotice>(
        of notice: Notice, _ findings: [ResultFinding], after history: NoticeHistory
    ) -> Notice? {
        let before = history.strings.texts.count
        let own = findings.compactMap { finding -> ResultFinding? in
            guard case .part(let text, let bytes) = finding.extent, text >= before else {
                return nil
            }
            return ResultFinding(
                rule: finding.rule, secretClass: finding.secretClass,
                extent: .part(text: text - before, bytes: bytes))
        }
        let document = notice.document
        guard own.count == findings.count,
            let changed = redaction.redacted(document, ResultTexts(document), own),
            let copy = notice.replaced(by: changed),
            inspection(of: copy, after: history)?.isClean == true,
            inspectionAsOne(of: copy, after: history)?.isClean == true
        else { return nil }
        return copy
    }

    /// Searches the texts as lines, so that a key whose lines are notices is found.
    private func inspection(
        of notice: some ServerNotice, after history: NoticeHistory
    ) -> ResultInspection? {
        let (before, texts) = (history.strings, ResultTexts(notice.document))
        return inspector.inspectAtOnce(
            before.texts + texts.texts, bytes: before.bytes + texts.bytes)
    }

    /// Searches the strings as one text, so that a value whose parts are notices is found.
    private func inspectionAsOne(
        of notice: some ServerNotice, after history: NoticeHistory
    ) -> ResultInspection? {
        let strings = history.strings.texts + notice.strings
        let senders = history.senders.texts + (notice.sender.map { [$0] } ?? [])
        guard strings.count > 1 || senders.count > 1 else { return .clean }
        let texts = [strings.joined(), senders.joined()]
        return inspector.inspectAtOnce(texts, bytes: texts[0].utf8.count + texts[1].utf8.count)
    }
}

/// The end of the texts that a caller got in the notifications of one call.
struct NoticeHistory: Sendable {
    private(set) var strings = TextTail()
    private(set) var senders = TextTail()

    var texts: [String] { strings.texts + senders.texts }

    mutating func add(_ searched: SearchedNotice<some ServerNotice>) {
        strings.add(searched.notice.shownStrings)
        if let sender = searched.notice.shownSender { senders.add([sender]) }
    }
}

/// The last bytes of many texts.
struct TextTail: Sendable {
    /// Twice the longest value that the rules find, in bytes (docs/specs/output-safety.md, section 6).
    static let longestBytes = 8 << 10

    private(set) var texts: [String] = []
    /// The UTF-8 bytes of all texts together.
    private(set) var bytes = 0

    mutating func add(_ more: [String]) {
        for text in more where !text.isEmpty {
            texts.append(text)
            bytes += text.utf8.count
        }
        var gone = 0
        while bytes > Self.longestBytes || texts.count - gone > Self.longestBytes {
            bytes -= texts[gone].utf8.count
            gone += 1
        }
        guard gone > 0 else { return }
        let cut = texts[gone - 1]
        texts.removeFirst(gone)
        // The end of the text that is over the limit, from the start of a character on.
        let end = cut.utf8.suffix(Self.longestBytes - bytes).drop { $0 & 0xc0 == 0x80 }
        guard !end.isEmpty, texts.count < Self.longestBytes else { return }
        texts.insert(String(decoding: end, as: UTF8.self), at: 0)
        bytes += end.count
    }
}

/// The result of the search in the notifications of one call, for its record.
struct NoticeFindings: Sendable, Hashable {
    /// The findings; nil if there are none.
    private(set) var found: ResultSearchSummary?
    /// The notifications that were dropped because of a finding, or because the search had no answer.
    private(set) var dropped: Int64 = 0

    mutating func add(_ findings: [ResultFinding], rules: String) {
        guard !findings.isEmpty else { return }
        found = (found ?? ResultSearchSummary(rules: rules)).adding(findings)
    }

    /// Takes the markers in all messages that the caller has; each report is about more of them than the last one.
    mutating func add(_ report: MarkerReport, rules: String) {
        guard !report.isEmpty else { return }
        found = (found ?? ResultSearchSummary(rules: rules)).raised(to: report)
    }

    mutating func countDropped() { dropped += 1 }
}
