package violations.kernel.mapping;

import violations.kernel.dmaengine.Channel;

final class KnowsDmaengine {
    Channel channel = new Channel();
}
