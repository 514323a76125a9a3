package import InterlockJSON

/// The content of one POST: a message, or, in 2025-03-26 only, a batch of messages.
package enum ClientBody: Sendable {
    case message(JSONRPCMessage)
    /// A batch of 1 to 50 elements, decided individually and answered as an array.
    case batch([BatchElement])

    package enum BatchElement: Sendable {
        case message(JSONRPCMessage)
        case invalid(InvalidMessage)
    }

    package static let maximumBatch = 50

    /// - Throws: the error that is sent with status 400 instead of any element's response.
    package init(_ value: JSONValue, allowsBatches: Bool) throws(InvalidMessage) {
        guard case .array(let elements) = value else {
            self = .message(try JSONRPCMessage(value))
            return
        }
        guard allowsBatches else {
            throw InvalidMessage(id: nil, "this version of the protocol has no batches")
        }
        guard (1...Self.maximumBatch).contains(elements.count) else {
            throw InvalidMessage(id: nil, "a batch has 1 to \(Self.maximumBatch) messages")
        }
        let batch = elements.map(BatchElement.init)
        var ids: Set<RequestID> = []
        for case .message(.request(let request)) in batch {
            guard request.method != "initialize" else {
                throw InvalidMessage(id: nil, "`initialize` must stand alone")
            }
            guard ids.insert(request.id).inserted else {
                throw InvalidMessage(id: nil, "two requests of the batch have one id")
            }
        }
        self = .batch(batch)
    }
}

extension ClientBody.BatchElement {
    init(_ value: JSONValue) {
        do {
            self = .message(try JSONRPCMessage(value))
        } catch {
            self = .invalid(error)
        }
    }
}
