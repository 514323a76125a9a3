import InterlockLedger

/// The labels of a record's fields for people. The names in the log are short, and those that several types share are
/// labelled by what they have in common.
enum FieldLabels {
    /// Returns the label of a field, or nil for a field that this version does not know.
    static func label(_ name: String) -> String? { labels[name] }

    /// The fields that chain and place a record, which people read last.
    static let technical: Set<String> = [
        "v", "mono", "boot", "rs", "prev", PayloadName.sealField, "boot_id", "up",
    ]

    /// The position of a field among those of its record; lower ones are read first.
    static func rank(_ name: String) -> Int {
        if let place = leading.firstIndex(of: name) { return place - leading.count }
        return 1 + (trailing.firstIndex(of: name) ?? -1)
    }

    /// The fields that say what happened and when, to what, by whom, and why.
    private static let leading = [
        "t", "ts", "dec", "st", "as", "sev", "verdict", "passed", "agent", "subj", "tool", "server",
        "srv", "target", "svc", "name", "risk", "amt", "args", "reason", "why", "code", "rule",
        "at", "note", "by", "who", "author", "signers", "role", "roles", "grants", "need", "due",
        "until",
        "dur", "out", "res", "cnt", "counts",
    ]
    /// The fields that bind it: runs, nodes and digests.
    private static let trailing = [
        "run", "call", "node", "in", "pol", "toolv", "h", "digest", "proof", "sig",
    ]

    private static let labels: [String: String] = [
        "v": "Version of the format", "t": "Type", "ts": "Time", "mono": "Time since the start",
        "boot": "Start of the gateway", "node": "Node", "run": "Run", "rs": "Number in the run",
        "prev": "Record before in the run", "agent": "Agent", "subj": "On behalf of",
        PayloadName.sealField: "Names the keys of payloads",
        "abi": "Landlock version", "agents": "Commits by agents", "again": "Later decision",
        "alarm": "Alert",
        "alert": "Notification",
        "amt": "Amount", "answer": "Response brought by", "answers": "Answers",
        "appr": "Approval request", "approvals": "Approvals", "args": "Arguments",
        "argv": "Digest of the command",
        "as": "Classified as",
        "asked": "Asked for", "at": "Defined in", "att": "Chains on other nodes",
        "author": "Requested by", "back": "Made by", "base": "Digest of the project",
        "bid": "Start named", "bind": "Signed content",
        "bindc": "Digest of the signed content", "boot_id": "Boot of the kernel",
        "bucket": "Day removed", "by": "By", "call": "Call", "cand": "Proposed policy",
        "change": "Change and its reviews",
        "changes": "Changes", "channel": "Channel", "cnt": "Count", "code": "Code",
        "codes": "Codes of findings",
        "cny": "Canary", "cos": "Seconds since witnessed",
        "counts": "Counts", "ctl": "Entry of the control chain",
        "cpu": "Processor time", "cred": "Passkey", "ctx": "Prompt context",
        "cut": "Cut", "date": "Date",
        "day": "Day", "dec": "Decision", "deg": "Limits not kept", "det": "Detectors",
        "detail": "Details",
        "diff": "Differences", "digest": "Digest of the report", "dl": "Durability",
        "due": "Due", "dur": "Took", "earlier": "Continues record", "elev": "Temporary access",
        "exit": "Exit code", "files": "Changed files", "findings": "Findings",
        "exp": "Expires, or usual count", "flags": "Approved flags",
        "flaw": "Fault shown", "flg": "Flagged", "fmt": "Format", "floor": "Least reading time",
        "founding": "Founding", "fp": "Digest of its files", "free": "Free bytes", "from": "From",
        "grants": "Votes",
        "gate": "Files of the gate", "group": "Group", "guard": "Second checkpoint", "h": "Digest",
        "head": "Head commit", "home": "Start of the run",
        "i": "Number", "id": "Order", "in": "Decision input", "inc": "Incident",
        "insp": "Report of the searches",
        "intent": "Intent", "iso": "Isolation", "items": "Items", "jti": "Token",
        "kep": "Epoch of halts", "key": "Public key", "kind": "Kind", "last": "Last step",
        "late": "Late", "layers": "Layers", "left": "Left", "level": "Level", "list": "List",
        "load": "Report",
        "marks": "Marked findings",
        "lock": "Lock", "min": "First record left", "missed": "Points missing", "n": "Number",
        "name": "Limit", "need": "Approvals needed", "next": "Next log", "note": "Comment",
        "now": "Pin now", "obl": "Obligations", "ofrun": "About run", "only": "Scopes",
        "open": "Open intents", "order": "Signed order", "origin": "Log", "out": "Result to agent",
        "own": "Owner",
        "part": "Part", "parts": "Parts", "passed": "Passed", "point": "Point", "points": "Points",
        "pol": "Policy", "proof": "Signatures", "proto": "Protocol", "q": "Query",
        "rand": "Random bytes", "rvw": "Review",
        "reason": "Reason", "refused": "Refused", "release": "Decision at release",
        "orders": "Orders", "req": "Order", "res": "Result of the server", "rev": "Revision",
        "risk": "Class",
        "role": "Role", "roles": "Roles", "round": "Round", "row": "Counter version",
        "rp": "Domain", "rule": "Rule", "runs": "Runs", "seats": "In place of", "sec": "Section",
        "series": "Series", "server": "Server", "sess": "Session", "setup": "Settings of the run",
        "sev": "Severity",
        "sig": "Signature", "since": "After commit", "signal": "Signal", "signers": "Signed by",
        "size": "Size",
        "src": "Source", "srv": "Server", "st": "Status", "step": "Step", "subject": "Subject",
        "sum": "Digest of changes",
        "svc": "Service account", "target": "Target", "text": "Text", "ticket": "Ticket",
        "to": "To", "told": "Delivered", "tool": "Tool", "tools": "Tools", "toolv": "Pin",
        "trun": "For run", "type": "Type of record", "units": "Units of limits",
        "unknown": "Unknown outcomes",
        "until": "Until", "up": "Time since the start", "upto": "Up to record", "use": "Use",
        "uses": "Calls allowed", "variant": "Variant", "ver": "Program", "verdict": "Verdict",
        "vkey": "Verifier key", "wall": "Time of the newest record", "was": "Approvals before",
        "who": "Ordered by", "why": "Cause", "wide": "Additions of the command line",
        "mem": "Most memory of all processes", "rss": "Most memory of one process",
        "scan": "Rules of the search for secrets", "blobs": "Searched files of the history",
        "scope": "Scope", "waived": "Waived findings", "via": "Signed with",
        "acc": "Asked for by", "ans": "Answer", "dst": "Destination",
        "ech": "Encrypted ClientHello", "end": "End", "errno": "Error number", "port": "Port",
        "model": "Model", "recv": "Bytes received", "sbx": "Sandbox", "sent": "Bytes sent",
        "status": "HTTP status",
        "tcr": "Tokens read from the cache", "tcw": "Tokens written to the cache",
        "tin": "Tokens in", "tout": "Tokens out",
        "ev": "Event", "hev": "Event of the coding agent",
        "find": "Findings by class", "tl": "Level of the run",
        "vals": "Values of outsiders read",
        "nfind": "Findings in messages, by class", "ndrop": "Messages kept back",
        "hprompt": "Left to the host's own prompt",
        "hcall": "Call of the coding agent", "host": "Coding agent",
        "hv": "Version of the coding agent", "mode": "Mode", "par": "Parent agent",
        "path": "File of instructions",
        "rules": "Rules of the search", "said": "Statement", "ses": "Session of the coding agent",
        "sub": "Subagent",
    ]
}
